"""What a person says when a version of a reference table is put in force or set aside."""

from django import forms

from .decisions import reason_field


class ActivateForm(forms.Form):
    """Why a version may be put in force; nothing has to be said."""

    reason = reason_field("Remark", required=False, rows=2)


class DiscardForm(forms.Form):
    """Why a version is set aside."""

    reason = reason_field("Why it is set aside", rows=2)
