"""Which of a prescriber's rows a person asks for; every answer is in the address."""

from datetime import date

from django import forms

from ..dossiers import SCHEDULE_WORDS, VERDICTS, Wanted

EVERY = "every"
MONTH = r"(19|20)\d\d-(0[1-9]|1[0-2])"


class RowsForm(forms.Form):
    """A narrowing of a prescriber's prescriptions; all of it may be left open."""

    schedule = forms.ChoiceField(
        required=False,
        choices=[("", "Any"), *SCHEDULE_WORDS.items()],
    )
    ingredient = forms.CharField(required=False, max_length=200, label="Drug")
    state = forms.CharField(required=False, max_length=7, label="Patient's state")
    month = forms.RegexField(
        MONTH,
        required=False,
        label="Month written",
        error_messages={"invalid": "Write a month as 2026-03."},
        widget=forms.TextInput(attrs={"placeholder": "2026-03"}),
    )
    day = forms.DateField(
        required=False,
        label="Day written",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    since = forms.DateField(
        required=False,
        label="Written from",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    opioid = forms.BooleanField(required=False, label="Opioids for pain only")
    supervision = forms.ChoiceField(
        required=False, choices=[("", "Not asked"), *VERDICTS.items()], label="Supervision"
    )
    of = forms.ChoiceField(
        required=False,
        choices=[("", "Prescriptions as written"), (EVERY, "Every row held")],
        label="Count",
    )

    def clean_month(self) -> date | None:
        """Return the first day of the month."""
        text = self.cleaned_data["month"]
        return date.fromisoformat(f"{text}-01") if text else None

    def clean_state(self) -> str:
        """Return the state as the ledger writes it; only "unknown" is in small letters."""
        text = self.cleaned_data["state"]
        return text.upper() if len(text) == 2 else text.lower()

    def wanted(self) -> Wanted:
        """Return the narrowing of a form without faults."""
        given = dict(self.cleaned_data)
        return Wanted(every=given.pop("of") == EVERY, **given)
