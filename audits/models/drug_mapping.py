"""What people say a drug means that no reference table knows."""

from django.db import models
from django.urls import reverse

from ..reference.local import LocalMapping
from .proposal import Proposal, ProposalSet, constraints_of

DESCRIPTION = ("by", "described")
NO_DRUG = {"ingredient": ""}


class DrugMapping(Proposal):
    """What a description of a drug means; one without an ingredient takes another back."""

    PLACE, NOTHING = DESCRIPTION, NO_DRUG

    class By(models.TextChoices):
        NDC = "ndc", "NDC"
        RXCUI = "rxcui", "RxNorm number"
        NAME = "name", "Name"

    by = models.CharField(max_length=5, choices=By)
    described = models.CharField(max_length=200)
    ingredient = models.CharField(max_length=120, blank=True)
    strength = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    strength_unit = models.CharField(max_length=8, blank=True)
    form = models.CharField(max_length=20, blank=True)

    class Meta(Proposal.Meta):
        indexes = [models.Index(fields=DESCRIPTION)]
        constraints = constraints_of(DESCRIPTION, NO_DRUG)

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


class MappingSet(ProposalSet):
    """All drug mappings that were in force together, as an evaluation used them."""

    KIND = DrugMapping
