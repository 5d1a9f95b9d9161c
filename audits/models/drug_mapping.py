"""What people say a drug means that no reference table knows, and what was in force."""

from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ..reference import local
from ..reference.local import LocalMapping


class DrugMappingQuerySet(models.QuerySet):
    """Mappings, and which of them count."""

    def in_force(self) -> "DrugMappingQuerySet":
        """Return the approved ones that no approved one supersedes, but for takings back."""
        approved = self.filter(status=DrugMapping.Status.APPROVED)
        followed = DrugMapping.objects.filter(status=DrugMapping.Status.APPROVED)
        followed = followed.exclude(supersedes=None).values("supersedes")
        return approved.exclude(pk__in=followed).exclude(ingredient="")


class DrugMapping(models.Model):
    """One version of a mapping: proposed by one person, approved or rejected by another.

    What it says is never edited: a change is a version of its own that ``supersedes`` this
    one once it is approved. One without an ingredient takes the other back.
    """

    class By(models.TextChoices):
        NDC = "ndc", "NDC"
        RXCUI = "rxcui", "RxNorm number"
        NAME = "name", "Name"

    class Status(models.TextChoices):
        PROPOSED = "proposed", "Awaiting second person"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"

    by = models.CharField(max_length=5, choices=By)
    described = models.CharField(max_length=200)
    ingredient = models.CharField(max_length=120, blank=True)
    strength = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    strength_unit = models.CharField(max_length=8, blank=True)
    form = models.CharField(max_length=20, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    reason = models.TextField()
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="successors"
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="drug_mappings_proposed"
    )
    proposed_at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.PROPOSED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="drug_mappings_decided",
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)

    objects = DrugMappingQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["by", "described"])]
        constraints = [
            models.CheckConstraint(name="a_drug_mapping_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="a_drug_mapping_ends_after_it_begins",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="a_drug_mapping_is_decided_by_another_person",
                condition=Q(status="proposed", decided_by=None, decided_at=None)
                | ~Q(status="proposed")
                & Q(decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="a_drug_mapping_means_something_or_takes_back",
                condition=~Q(ingredient="") | Q(supersedes__isnull=False),
            ),
            models.UniqueConstraint(
                name="a_drug_mapping_is_superseded_once",
                fields=["supersedes"],
                condition=Q(status="approved"),
            ),
            models.UniqueConstraint(
                name="one_proposal_a_drug_description",
                fields=["by", "described"],
                condition=Q(status="proposed"),
            ),
        ]

    def __str__(self):
        return f"drug mapping {self.pk}"

    def get_absolute_url(self):
        return reverse("drug_mapping", args=[self.pk])

    @property
    def meaning(self) -> LocalMapping:
        """Return what it says, as the enrichment understands it."""
        return LocalMapping(
            by=self.by,
            described=self.described,
            ingredient=self.ingredient,
            strength=self.strength,
            strength_unit=self.strength_unit or None,
            form=self.form,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )


class MappingSet(models.Model):
    """All mappings that were in force together, as an evaluation used them; never changed.

    ``digest`` is that of ``entries`` (see ``reference.local``).
    """

    digest = models.CharField(max_length=64, primary_key=True)
    entries = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self):
        return f"drug mappings {self.digest[:12]}"

    @classmethod
    def current(cls) -> "MappingSet | None":
        """Return the set of those in force now, kept from then on; None where there are none."""
        entries: list[Mapping] = [
            mapping.meaning.as_entry()
            for mapping in DrugMapping.objects.in_force().order_by("by", "described", "valid_from")
        ]
        if not entries:
            return None
        digest = local.digest(entries)
        return cls.objects.get_or_create(digest=digest, defaults={"entries": entries})[0]
