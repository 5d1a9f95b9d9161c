"""The day and the state a person asks the calendar for."""

from django import forms

from ..reference.authority import periods


def _choices() -> list[tuple[str, str]]:
    """Return every state of the table in use, in order of their names."""
    states = sorted((mine[-1].state_name, state) for state, mine in periods().items())
    return [("", "Every state"), *((state, name) for name, state in states)]


class DayForm(forms.Form):
    """A day, and one state where the law of one is wanted; both may be left out."""

    day = forms.DateField(
        label="Day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Give a day as YYYY-MM-DD."},
    )
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=_choices,
        error_messages={"invalid_choice": "Choose a state of the list."},
    )
