"""What a person fills in to say what a drug means that no reference table knows."""

from django import forms

from .. import editions
from ..drugs import Meaning
from ..models import DrugMapping
from ..reference import local
from ..reference.drugs import FORMS
from .proposals import DatedForm


def _ingredients() -> list[tuple[str, str]]:
    """Return the ingredients that the tables in force know."""
    with editions.in_use():
        return [("", "Choose"), *((name, name) for name in local.ingredients())]


class MeaningForm(DatedForm):
    """What a description means: the ingredient, its strength and form, on which days, and why."""

    ingredient = forms.ChoiceField(
        label="Means the ingredient",
        choices=_ingredients,
        error_messages={"required": "Choose an ingredient."},
        help_text="The one that decides, such as oxycodone for oxycodone with acetaminophen.",
    )
    strength = forms.DecimalField(
        label="Strength of one unit",
        required=False,
        min_value=0,
        max_digits=18,
        decimal_places=6,
        help_text="Empty: the strength that each record itself gives.",
    )
    strength_unit = forms.ChoiceField(
        label="Unit of the strength",
        required=False,
        choices=[("", "None"), *((unit, unit) for unit in local.UNITS)],
    )
    form = forms.ChoiceField(
        label="Form",
        choices=[(form, form.replace("_", " ").capitalize()) for form in FORMS],
        initial="tablet",
    )

    def clean(self) -> dict:
        """Refuse a strength that cannot be."""
        given = super().clean()
        if self.errors:
            return given
        said = (given[name] for name in ("ingredient", "strength", "strength_unit", "form"))
        with editions.in_use():
            fault = local.fault(*said)
        if fault:
            self.add_error("strength", fault)
        return given

    def meaning(self) -> Meaning:
        """Return what was said, once the form is valid."""
        return Meaning(**{name: self.cleaned_data[name] for name in Meaning.__annotations__})


class ProposalForm(MeaningForm):
    """A meaning for a description, and which of its names it goes by."""

    by = forms.ChoiceField(
        label="Records are recognised by",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what records are recognised by."},
    )
    field_order = ("by",)

    def __init__(self, names: dict[str, str], *args, **kwargs):
        """Take the names that the description has, the one that decides first."""
        super().__init__(*args, **kwargs)
        titles = dict(DrugMapping.By.choices)
        self.names = names
        self.fields["by"].choices = [(by, f"{titles[by]} {text}") for by, text in names.items()]
        self.fields["by"].initial = next(iter(names), None)

    def name(self) -> tuple[str, str]:
        """Return what the mapping goes by and the text, once the form is valid."""
        by = self.cleaned_data["by"]
        return by, self.names[by]
