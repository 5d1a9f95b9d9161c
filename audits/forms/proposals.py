"""What a person fills in to propose what holds on some days, and to decide on what others do."""

from django import forms

from .decisions import SignOffForm, reason_field

DAY = {"type": "date"}


class DatedForm(forms.Form):
    """What holds on which days, and why."""

    valid_from = forms.DateField(
        label="From",
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text="First day of records for which this holds.",
        error_messages={"required": "Give the first day."},
    )
    valid_to = forms.DateField(
        label="To",
        required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text="Last such day. Empty: until further notice.",
    )
    reason = reason_field("Why", rows=2)

    def clean(self) -> dict:
        """Refuse a period that ends before it begins."""
        given = super().clean()
        begins, ends = given.get("valid_from"), given.get("valid_to")
        if begins and ends and ends < begins:
            self.add_error("valid_to", "The last day lies before the first.")
        return given


class TakeBackForm(forms.Form):
    """Why something is to count no longer."""

    reason = reason_field("Why it is to count no longer", rows=2)


class DecisionForm(SignOffForm):
    """Whether a second person agrees; to disagree needs a reason."""

    def __init__(self, *args, **kwargs):
        """Say what comes of either answer."""
        super().__init__(*args, **kwargs)
        self.fields["agree"].choices = [
            ("yes", "I agree; it counts from now on"),
            ("no", "I do not agree"),
        ]
        self.fields["reason"].widget.attrs["rows"] = 2
