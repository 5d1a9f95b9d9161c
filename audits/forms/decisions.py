"""What a person fills in to decide a flag, to second a decision, and to step back."""

from django import forms

from ..models import Decision

LONGEST = 4_000
REASON = "The trail keeps it. No patient's name or number."


def reason_field(label: str, *, required: bool = True, rows: int = 4) -> forms.CharField:
    """Return the field of a reason, which the trail keeps sealed."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=REASON,
        error_messages={"required": "Give a reason."},
    )


class DecisionForm(forms.Form):
    """An outcome and a reason for the flag as it was shown in ``state``."""

    state = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label="Outcome",
        choices=Decision.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an outcome."},
    )
    reason = reason_field("Reason")


class SignOffForm(forms.Form):
    """Whether a second person agrees; to disagree needs a reason."""

    agree = forms.TypedChoiceField(
        label="Your word",
        choices=[("yes", "I agree"), ("no", "I do not agree; open the flag again")],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether you agree."},
    )
    reason = reason_field("Reason, needed where you do not agree", required=False, rows=3)

    def clean(self) -> dict:
        """Ask for a reason where the person does not agree."""
        given = super().clean()
        if given.get("agree") is False and not given.get("reason"):
            self.add_error("reason", "Say why you do not agree.")
        return given


class RecusalForm(forms.Form):
    """Why a person steps back."""

    reason = reason_field("Why you step back", rows=2)
