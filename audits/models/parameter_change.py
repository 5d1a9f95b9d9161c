"""What people put in the place of a rule's own parameters, and what was in force."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ..reference import dated
from ..vocabulary import Basis


class ParameterChangeQuerySet(models.QuerySet):
    """Changes, and which of them count."""

    def in_force(self) -> "ParameterChangeQuerySet":
        """Return the approved ones that no approved one supersedes, but for takings back."""
        approved = self.filter(status=ParameterChange.Status.APPROVED)
        followed = ParameterChange.objects.filter(status=ParameterChange.Status.APPROVED)
        followed = followed.exclude(supersedes=None).values("supersedes")
        return approved.exclude(pk__in=followed).exclude(value=None)


class ParameterChange(models.Model):
    """One version of a value: proposed by one person, approved or rejected by another.

    What it says is never edited: another version ``supersedes`` this one once it is
    approved. One without a value takes the other back, and the rule's own holds again.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "Awaiting second person"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"

    rule = models.CharField(max_length=60)
    parameter = models.CharField(max_length=60)
    value = models.PositiveIntegerField(null=True, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    basis = models.CharField(max_length=20, choices=[(b.value, b.value) for b in Basis])
    source = models.TextField()
    reason = models.TextField()
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="successors"
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="parameters_proposed"
    )
    proposed_at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.PROPOSED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parameters_decided",
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)

    objects = ParameterChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["rule", "parameter"])]
        constraints = [
            models.CheckConstraint(
                name="a_parameter_change_says_why_and_whence",
                condition=~Q(reason="") & ~Q(source=""),
            ),
            models.CheckConstraint(
                name="a_parameter_change_ends_after_it_begins",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="a_parameter_change_is_decided_by_another_person",
                condition=Q(status="proposed", decided_by=None, decided_at=None)
                | ~Q(status="proposed")
                & Q(decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="a_parameter_change_has_a_value_or_takes_back",
                condition=Q(value__isnull=False) | Q(supersedes__isnull=False),
            ),
            models.UniqueConstraint(
                name="a_parameter_change_is_superseded_once",
                fields=["supersedes"],
                condition=Q(status="approved"),
            ),
            models.UniqueConstraint(
                name="one_proposal_a_parameter",
                fields=["rule", "parameter"],
                condition=Q(status="proposed"),
            ),
        ]

    def __str__(self):
        return f"change {self.pk} of {self.rule} {self.parameter}"

    def get_absolute_url(self):
        return reverse("parameter_change", args=[self.pk])

    @property
    def meaning(self) -> dated.DatedValue:
        """Return what it says, as an evaluation understands it; one that takes back says 0."""
        return dated.DatedValue(
            rule=self.rule,
            parameter=self.parameter,
            value=self.value or 0,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            basis=self.basis,
            source=self.source,
        )


class ParameterSet(models.Model):
    """All changes that were in force together, as an evaluation used them; never changed.

    ``digest`` is that of ``entries`` (see ``reference.dated``).
    """

    digest = models.CharField(max_length=64, primary_key=True)
    entries = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self):
        return f"parameters {self.digest[:12]}"

    @classmethod
    def current(cls) -> "ParameterSet | None":
        """Return the set of those in force now, kept from then on; None where there are none."""
        changes = ParameterChange.objects.in_force().order_by("rule", "parameter", "valid_from")
        entries = [change.meaning.as_entry() for change in changes]
        if not entries:
            return None
        digest = dated.digest(entries)
        return cls.objects.get_or_create(digest=digest, defaults={"entries": entries})[0]
