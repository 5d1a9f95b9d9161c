"""How the queue of flags is narrowed; every filter is in the address."""

from collections.abc import Sequence
from dataclasses import dataclass

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from ..catalogue import CATALOGUE
from ..dossiers import about_pairs, about_prescriber
from ..models import Decision, Flag, FlagState
from ..vocabulary import Severity

UNDECIDED, ANY = "undecided", "any"
STATUSES = (
    (UNDECIDED, "Undecided"),
    *Flag.Status.choices,
    (ANY, "Any status"),
)
NOT_FILTERS = ("at", "sort")
DAY = {"type": "date"}


@dataclass(frozen=True, kw_only=True)
class Chip:
    """One filter in force, and the query that is without it."""

    name: str
    text: str
    without: str


def decided_as(states: QuerySet, outcome: str) -> QuerySet:
    """Return the states of flags on which a decision with ``outcome`` stands.

    One that awaits its second person counts, one that was declined does not.
    """
    standing = Decision.objects.standing().filter(outcome=outcome)
    return states.filter(flag__in=standing.values("flag"))


class FlagFilter(django_filters.FilterSet):
    """Narrows the queue; without a status it shows what is undecided."""

    rule = django_filters.ChoiceFilter(
        field_name="flag__rule",
        label="Rule",
        empty_label="Every rule",
        choices=[(r.name, f"{r.number} {r.title}") for r in CATALOGUE.values()],
    )
    severity = django_filters.ChoiceFilter(
        label="Severity",
        empty_label="Every severity",
        choices=[(s.value, s.value.capitalize()) for s in reversed(Severity)],
    )
    status = django_filters.ChoiceFilter(
        label="Status", empty_label=None, choices=STATUSES, method="filter_status"
    )
    outcome = django_filters.ChoiceFilter(
        label="Decision",
        empty_label="Any or none",
        choices=Decision.Outcome.choices,
        method="filter_outcome",
    )
    prescriber = django_filters.CharFilter(
        label="Prescriber",
        method="filter_prescriber",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "NPI"}),
    )
    state = django_filters.CharFilter(
        label="State",
        method="filter_state",
        widget=forms.TextInput(attrs={"maxlength": 2, "size": 4, "placeholder": "FL"}),
    )
    date_from = django_filters.DateFilter(
        field_name="last_on", lookup_expr="gte", label="From", widget=forms.DateInput(attrs=DAY)
    )
    date_to = django_filters.DateFilter(
        field_name="first_on", lookup_expr="lte", label="To", widget=forms.DateInput(attrs=DAY)
    )

    class Meta:
        model = FlagState
        fields = (
            "rule",
            "severity",
            "status",
            "outcome",
            "prescriber",
            "state",
            "date_from",
            "date_to",
        )

    def __init__(self, data: QueryDict, *args, **kwargs):
        given = data.copy()
        if not given.get("status"):
            given["status"] = UNDECIDED
        super().__init__(given, *args, **kwargs)

    def filter_status(self, states: QuerySet, name: str, value: str) -> QuerySet:
        """Return the flags of one status, of all that wait for a decision, or all."""
        if value == ANY:
            return states
        wanted = Flag.UNDECIDED if value == UNDECIDED else (value,)
        return states.filter(status__in=wanted)

    def filter_outcome(self, states: QuerySet, name: str, value: str) -> QuerySet:
        """Return the flags on which a decision with that outcome stands."""
        return decided_as(states, value)

    def filter_prescriber(self, states: QuerySet, name: str, value: str) -> QuerySet:
        """Return the flags about a prescriber, his patients with him, or mostly by his hand."""
        key = value.strip().upper()
        return states.filter(about_prescriber(key) | about_pairs(key) | Q(prescriber=key))

    def filter_state(self, states: QuerySet, name: str, value: str) -> QuerySet:
        """Return the flags whose records are mostly of patients in a state."""
        return states.filter(state=value.strip().upper())

    @property
    def chips(self) -> Sequence[Chip]:
        """Return a chip for each filter in force; without the status chip any status shows."""
        return [self._chip(name) for name in self.filters if self._in_force(name)]

    @property
    def narrowed(self) -> bool:
        """Return whether more is filtered than what an address without filters filters."""
        chosen = [name for name in self.filters if self._in_force(name) and name != "status"]
        return bool(chosen) or self.data["status"] != UNDECIDED

    @property
    def query(self) -> str:
        """Return the filters in force and the order as a query, without the page."""
        query = self.data.copy()
        query.pop("at", None)
        return query.urlencode()

    def _in_force(self, name: str) -> bool:
        value = self.form.cleaned_data.get(name) if self.form.is_valid() else self.data.get(name)
        return bool(value) and value != ANY

    def _chip(self, name: str) -> Chip:
        without = self.data.copy()
        without.pop("at", None)
        without.pop(name, None)
        if name == "status":
            without["status"] = ANY
        field = self.form.fields[name]
        shown = dict(getattr(field, "choices", ())).get(self.data[name], self.data[name])
        text = f"{self.filters[name].label}: {shown}"
        return Chip(name=name, text=text, without=f"?{without.urlencode()}")
