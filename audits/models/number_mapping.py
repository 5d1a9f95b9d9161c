"""What people say a prescriber's or a pharmacy's number stands for."""

from django.db import models
from django.urls import reverse

from ..reference.numbers import PHARMACIES, PRESCRIBERS, NumberMeaning
from .proposal import Proposal, ProposalSet, constraints_of

NUMBER = ("whose", "number")
NO_ONE = {"means": ""}


class NumberMapping(Proposal):
    """Whom a number in the records stands for; one that means nobody takes another back."""

    PLACE, NOTHING = NUMBER, NO_ONE

    class Whose(models.TextChoices):
        PRESCRIBERS = PRESCRIBERS, "Prescriber"
        PHARMACIES = PHARMACIES, "Pharmacy"

    whose = models.CharField(max_length=11, choices=Whose)
    number = models.CharField(max_length=40)
    means = models.CharField(max_length=12, blank=True)

    class Meta(Proposal.Meta):
        indexes = [models.Index(fields=NUMBER)]
        constraints = constraints_of(NUMBER, NO_ONE)

    def __str__(self):
        return f"number mapping {self.pk}"

    def get_absolute_url(self):
        return reverse("number_mapping", args=[self.pk])

    @property
    def meaning(self) -> NumberMeaning:
        """Return what it says, as the enrichment understands it."""
        return NumberMeaning(
            whose=self.whose,
            number=self.number,
            means=self.means,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )


class NumberSet(ProposalSet):
    """All number mappings that were in force together, as an evaluation used them."""

    KIND = NumberMapping
