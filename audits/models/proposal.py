"""What one person proposes and another decides upon: its versions, and which of them count."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ..reference.dated import Dated, digest


class Decided(models.Model):
    """A row upon which somebody other than its author decides, once; undecided: all three empty."""

    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)s_decided",
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ["-pk"]


class ProposalQuerySet(models.QuerySet):
    """Proposals of one kind, and which of them count."""

    def in_force(self) -> Self:
        """Return the approved ones that no approved one supersedes, but for takings back."""
        approved = Q(status=Proposal.Status.APPROVED)
        followed = self.model.objects.filter(approved).exclude(supersedes=None)
        standing = self.filter(approved).exclude(pk__in=followed.values("supersedes"))
        return standing.exclude(**self.model.NOTHING)

    def waiting(self) -> Self:
        """Return those on which nobody has decided."""
        return self.filter(status=Proposal.Status.PROPOSED)

    def beside(self, proposal: "Proposal") -> Self:
        """Return all versions of what ``proposal`` is about, itself among them."""
        return self.filter(**{name: getattr(proposal, name) for name in proposal.PLACE})


class Proposal(Decided):
    """One version of what holds on some days: proposed by one person, decided on by another.

    What it says is never edited: a change is a version of its own that ``supersedes`` this
    one once it is approved. ``PLACE`` names the fields that say what it is about, ``NOTHING``
    how one looks that takes the other back, ``CARRIED`` what such a one repeats of it.
    """

    PLACE: ClassVar[Sequence[str]]
    NOTHING: ClassVar[Mapping[str, object]]
    CARRIED: ClassVar[Sequence[str]] = ("valid_from", "valid_to")

    class Status(models.TextChoices):
        PROPOSED = "proposed", "Awaiting second person"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"

    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    reason = models.TextField()
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="successors"
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="%(class)s_proposed"
    )
    proposed_at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.PROPOSED)

    objects = ProposalQuerySet.as_manager()

    class Meta(Decided.Meta):
        abstract = True
        constraints = [
            models.CheckConstraint(name="a_%(class)s_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="a_%(class)s_ends_after_it_begins",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="a_%(class)s_is_decided_by_another_person",
                condition=Q(status="proposed", decided_by=None, decided_at=None)
                | ~Q(status="proposed")
                & Q(decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(decided_by=F("proposed_by")),
            ),
            models.UniqueConstraint(
                name="a_%(class)s_is_superseded_once",
                fields=["supersedes"],
                condition=Q(status="approved"),
            ),
        ]

    @property
    def meaning(self) -> Dated:
        """Return what it says, as an evaluation understands it."""
        raise NotImplementedError

    @property
    def takes_back(self) -> bool:
        """Return whether it says nothing but that another is to count no longer."""
        return all(getattr(self, name) == value for name, value in self.NOTHING.items())

    def ending(self, **told: object) -> Self:
        """Return a version, not kept yet, that takes this one back."""
        kept = {name: getattr(self, name) for name in (*self.PLACE, *self.CARRIED)}
        return type(self)(**kept, **self.NOTHING, supersedes=self, **told)


def constraints_of(place: Sequence[str], nothing: Mapping[str, object]) -> list:
    """Return the constraints of a kind with these ``PLACE`` and ``NOTHING``."""
    return [
        *Proposal.Meta.constraints,
        models.CheckConstraint(
            name="a_%(class)s_says_something_or_takes_back",
            condition=~Q(**nothing) | Q(supersedes__isnull=False),
        ),
        models.UniqueConstraint(
            name="one_%(class)s_waits_at_a_time",
            fields=list(place),
            condition=Q(status="proposed"),
        ),
    ]


class EntrySet(models.Model):
    """Entries that an evaluation used together, never changed; ``digest`` is that of them."""

    digest = models.CharField(max_length=64, primary_key=True)
    entries = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ["-made_at"]

    def __str__(self):
        return f"{self._meta.verbose_name} {self.digest[:12]}"

    @classmethod
    def of(cls, entries: Sequence[Mapping]) -> Self:
        """Return the set of ``entries``, kept from now on."""
        return cls.objects.get_or_create(digest=digest(entries), defaults={"entries": entries})[0]

    @classmethod
    def current(cls) -> Self | None:
        """Return the set of what is in force now, kept from then on; None where nothing is."""
        raise NotImplementedError

    @property
    def is_whole(self) -> bool:
        """Return whether the entries are still those of the digest."""
        return digest(self.entries) == self.digest


class ProposalSet(EntrySet):
    """All proposals of one kind that were in force together."""

    KIND: ClassVar[type[Proposal]]

    class Meta(EntrySet.Meta):
        abstract = True

    @classmethod
    def current(cls) -> Self | None:
        """Return the set of those in force now, kept from then on; None where there are none."""
        standing = cls.KIND.objects.in_force().order_by(*cls.KIND.PLACE, "valid_from")
        entries = [each.meaning.as_entry() for each in standing]
        return cls.of(entries) if entries else None
