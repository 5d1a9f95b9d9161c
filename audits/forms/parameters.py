"""What a person fills in to give a rule's parameter another value from a day on."""

from django import forms

from ..in_force import EARLIEST, bounds, fault
from ..parameters import Wanted
from ..reference.dated import DatedValue
from ..rule import Rule
from ..vocabulary import Basis
from .proposals import DatedForm

LONGEST = 1_000


class ValueForm(DatedForm):
    """A value for one parameter, on which days, what it rests on, and why."""

    value = forms.IntegerField(
        label="Value",
        error_messages={
            "required": "Give the value.",
            "invalid": "Give a whole number, in digits alone.",
        },
    )
    basis = forms.ChoiceField(
        label="Rests on",
        choices=[("", "Choose"), *((basis.value, basis.value.capitalize()) for basis in Basis)],
        error_messages={"required": "Choose on what it rests."},
        help_text="House default: no authority stands behind it; pages say so.",
    )
    source = forms.CharField(
        label="Source",
        max_length=LONGEST,
        help_text="The text that says so, with its number and date; for a house default, whose "
        "decision it is.",
        error_messages={"required": "Name the source."},
    )

    def __init__(self, rule: Rule, parameter: str, *args, **kwargs):
        """Take the rule and the parameter's name, empty where it is to be chosen."""
        super().__init__(*args, **kwargs)
        self.rule, self.parameter = rule, parameter
        if parameter:
            least, most = bounds(rule.parameters[parameter])
            unit = rule.parameters[parameter].unit
            given = self.fields["value"]
            given.help_text = f"A whole number from {least:,} to {most:,}, in {unit}."

    def clean(self) -> dict:
        """Refuse a value out of bounds, and days before all records."""
        given = super().clean()
        name = given.get("parameter") or self.parameter
        if self.errors or not name:
            return given
        wanted = {part: given[part] for part in Wanted.__annotations__}
        dated = DatedValue(rule=self.rule.name, parameter=name, **wanted)
        if sentence := fault(self.rule.parameters[name], dated):
            early = given["valid_from"] < EARLIEST
            self.add_error("valid_from" if early else "value", sentence)
        return given

    def wanted(self) -> Wanted:
        """Return what was said, once the form is valid."""
        return Wanted(**{name: self.cleaned_data[name] for name in Wanted.__annotations__})


class ProposalForm(ValueForm):
    """A value for a parameter of a rule, to be chosen."""

    parameter = forms.ChoiceField(
        label="Parameter",
        error_messages={"required": "Choose a parameter."},
    )
    field_order = ("parameter",)

    def __init__(self, rule: Rule, *args, **kwargs):
        """Take the rule."""
        super().__init__(rule, "", *args, **kwargs)
        self.fields["parameter"].choices = [
            ("", "Choose"),
            *((name, f"{name}, in {each.unit}") for name, each in rule.parameters.items()),
        ]
