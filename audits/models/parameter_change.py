"""What people put in the place of a rule's own parameters."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from ..reference.dated import DatedValue
from ..vocabulary import Basis
from .proposal import Proposal, ProposalSet, constraints_of

PARAMETER = ("rule", "parameter")
NO_VALUE = {"value": None}


class ParameterChange(Proposal):
    """Another value of a parameter; one without takes another back, and the rule's own holds."""

    PLACE, NOTHING = PARAMETER, NO_VALUE
    CARRIED = (*Proposal.CARRIED, "basis", "source")

    rule = models.CharField(max_length=60)
    parameter = models.CharField(max_length=60)
    value = models.PositiveIntegerField(null=True, blank=True)
    basis = models.CharField(max_length=20, choices=[(b.value, b.value) for b in Basis])
    source = models.TextField()

    class Meta(Proposal.Meta):
        indexes = [models.Index(fields=PARAMETER)]
        constraints = [
            *constraints_of(PARAMETER, NO_VALUE),
            models.CheckConstraint(name="a_%(class)s_names_its_source", condition=~Q(source="")),
        ]

    def __str__(self):
        return f"change {self.pk} of {self.rule} {self.parameter}"

    def get_absolute_url(self):
        return reverse("parameter_change", args=[self.pk])

    @property
    def meaning(self) -> DatedValue:
        """Return what it says, as an evaluation understands it; one that takes back says 0."""
        return DatedValue(
            rule=self.rule,
            parameter=self.parameter,
            value=self.value or 0,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            basis=self.basis,
            source=self.source,
        )


class ParameterSet(ProposalSet):
    """All changes that were in force together, as an evaluation used them."""

    KIND = ParameterChange
