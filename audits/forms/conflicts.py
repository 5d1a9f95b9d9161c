"""What a person sends who settles conflicts: which, which way, and why."""

import re

from django import forms

from ..models import Settlement

SHOWN = "shown"  # a button for all records on the page
SEEN = re.compile(r"(\d{1,15})-([0-9a-f]{0,16})")


class SettlementForm(forms.Form):
    """A reason, and a button named keep or replace whose value is one row, or all shown.

    Each row on the page sends itself as ``row``, together with what was held when it was
    shown; ``row`` and button are read once the form is valid.
    """

    reason = forms.CharField(
        label="Reason",
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The trail keeps it with your choice. No patient's name or number.",
        error_messages={"required": "Give a reason."},
    )

    def clean(self) -> dict:
        """Find the button that was pressed, and the rows it is for."""
        given = super().clean()
        pressed = [c for c in Settlement.Choice.values if c in self.data]
        if len(pressed) != 1:
            raise forms.ValidationError("Choose to keep what is held or to take the file's.")
        chosen = self.data[pressed[0]]
        texts = self.data.getlist("row") if chosen == SHOWN else [chosen]
        found = [SEEN.fullmatch(text) for text in texts]
        if not found or len(found) > Settlement.MOST or not all(found):
            raise forms.ValidationError(f"Choose for 1 to {Settlement.MOST} records of the list.")
        seen = [(int(each[1]), each[2]) for each in found]
        return given | {"choice": pressed[0], "seen": seen}
