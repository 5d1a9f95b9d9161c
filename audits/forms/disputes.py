"""What a person fills in to object to a peer group, and to take that back."""

from collections.abc import Sequence

from django import forms

from .decisions import reason_field

JOINT = "|"


class DisputeForm(forms.Form):
    """Which of ``groups`` (role group, state or empty; with its name) does not fit, and why."""

    group = forms.ChoiceField(
        label="Peer group", error_messages={"required": "Choose the peer group."}
    )
    reason = reason_field("Why it does not fit", rows=3)

    def __init__(self, *given, groups: Sequence[tuple[tuple[str, str], str]] = (), **more):
        super().__init__(*given, **more)
        self.fields["group"].choices = [(JOINT.join(place), name) for place, name in groups]

    def place(self) -> tuple[str, str]:
        """Return role group and state (empty: all) of a form without faults."""
        role_group, state = self.cleaned_data["group"].split(JOINT)
        return role_group, state


class TakeBackForm(DisputeForm):
    """Of which group the objections are taken back, and why."""

    reason = reason_field("Why it fits after all", rows=3)
