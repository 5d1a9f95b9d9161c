"""Evaluations: rules put to a snapshot, with everything their answers rest on."""

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import Q

from ..in_force import InForce, settings_of
from ..reference.factors import MME_SET
from ..rule import Rule
from .drug_mapping import MappingSet
from .number_mapping import NumberSet
from .parameter_change import ParameterSet
from .proposal import EntrySet
from .reference_version import ReferenceSet
from .snapshot import Snapshot


class Evaluation(models.Model):
    """Rules put to one snapshot; its flags are seen once it is published.

    ``SETS`` are the fields of what it used of what people said, and of the tables.
    """

    SETS: ClassVar[Mapping[str, type[EntrySet]]] = {
        "mapping_set": MappingSet,
        "number_set": NumberSet,
        "parameter_set": ParameterSet,
        "reference_set": ReferenceSet,
    }

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="evaluations")
    as_of = models.DateField(null=True)
    mapping_set = models.ForeignKey(
        MappingSet, models.PROTECT, null=True, blank=True, related_name="evaluations"
    )
    number_set = models.ForeignKey(NumberSet, models.PROTECT, null=True, blank=True)
    mme_set = models.CharField(max_length=20, default=MME_SET)
    parameter_set = models.ForeignKey(ParameterSet, models.PROTECT, null=True, blank=True)
    reference_set = models.ForeignKey(
        ReferenceSet, models.PROTECT, null=True, blank=True, related_name="evaluations"
    )
    rules = models.JSONField(default=dict)
    digests = models.JSONField(default=dict)
    flags = models.JSONField(default=dict)
    full = models.BooleanField()
    merkle_root = models.CharField(max_length=64, blank=True)
    job = models.CharField(max_length=32, help_text="The job that is working on it.")
    unpublished = models.BooleanField(default=True)
    started_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_unpublished_evaluation",
                fields=["unpublished"],
                condition=Q(unpublished=True),
            )
        ]

    def __str__(self):
        return f"evaluation {self.pk}"

    def in_force(self, rule: Rule) -> InForce:
        """Return the parameters of ``rule`` that were in force for it."""
        return settings_of(rule, self.parameter_set.entries if self.parameter_set else ())

    @property
    def mappings(self) -> list[dict]:
        """Return the entries of the local drug mappings that were in force for it."""
        return self.mapping_set.entries if self.mapping_set else []

    @property
    def numbers(self) -> list[dict]:
        """Return the entries of the local mappings of numbers that were in force for it."""
        return self.number_set.entries if self.number_set else []
