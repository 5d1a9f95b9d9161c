"""What a person fills in to say whose a number in the records is."""

from django import forms

from ..numbers import Meaning
from ..reference import numbers
from ..reference.numbers import PRESCRIBERS
from .proposals import DatedForm


class NumberForm(DatedForm):
    """What a number stands for, on which days, and why."""

    means = forms.CharField(
        label="Means the number", max_length=12, error_messages={"required": "Give the number."}
    )
    field_order = ("means",)

    def __init__(self, whose: str, number: str, *args, **kwargs):
        """Take whose number it is, and the number as the records have it."""
        super().__init__(*args, **kwargs)
        self.whose, self.number = whose, number
        asked = self.fields["means"]
        if whose == PRESCRIBERS:
            asked.label, asked.help_text = "Is the prescriber with the NPI", "Ten digits."
        else:
            asked.label = "Is the pharmacy with the number"
            asked.help_text = "NCPDP number, NPI or DEA number, as the records give it."

    def clean_means(self) -> str:
        """Return the number without spaces, letters large; refuse what cannot be one."""
        given = self.cleaned_data["means"].strip().upper()
        if fault := numbers.fault(self.whose, self.number, given):
            raise forms.ValidationError(fault)
        return given

    def meaning(self) -> Meaning:
        """Return what was said, once the form is valid."""
        return Meaning(**{name: self.cleaned_data[name] for name in Meaning.__annotations__})
