"""What a person says when a version of a reference table is loaded, put in force, set aside."""

from django import forms

from ..models.reference_version import SHIPPED
from ..reference import TABLES
from ..reference.loaders import LOADERS
from .decisions import reason_field
from .uploads import SeveralFilesField


class LoadForm(forms.Form):
    """The files of a published table as they were downloaded, and which edition they are."""

    file = SeveralFilesField(label="File")
    edition = forms.CharField(
        label="Edition",
        max_length=64,
        help_text="As its publisher calls it, such as 2026-11.",
        error_messages={"required": "Say which edition it is."},
    )
    status = forms.CharField(
        label="What is known of it",
        required=False,
        max_length=200,
        help_text="Such as who checked it against what. Empty: as published, not checked by us.",
    )

    def __init__(self, table: str, *args, **kwargs):
        """Ask for the files of ``table``."""
        super().__init__(*args, **kwargs)
        self.wanted = LOADERS[table].FILES
        several = len(self.wanted) > 1
        if table in TABLES:
            self.fields["edition"].help_text = "As this house calls it, such as 2027-01."
            self.fields["status"].help_text = "Such as who checked it. Empty: each row says it."
        self.fields["file"].label = "Files" if several else "File"
        self.fields["file"].help_text = _named(self.wanted) + (
            " of one edition, unpacked. Choose them together." if several else ", as downloaded."
        )
        self.fields["file"].widget.attrs["multiple"] = several

    def clean_file(self) -> list:
        """Return the files, as many as the table is read from."""
        files = self.cleaned_data["file"]
        if len(files) != len(self.wanted):
            given = f"{len(files)} file{'s' if len(files) > 1 else ''}"
            raise forms.ValidationError(f"You chose {given}. Choose {_named(self.wanted)}.")
        return files

    def clean_edition(self) -> str:
        """Return the edition, which is not the name for what ships with the product."""
        edition = self.cleaned_data["edition"].strip()
        if edition == SHIPPED:
            raise forms.ValidationError("Say which edition it is, as its publisher calls it.")
        return edition


class ActivateForm(forms.Form):
    """Why a version may be put in force; nothing has to be said."""

    reason = reason_field("Remark", required=False, rows=2)


class DiscardForm(forms.Form):
    """Why a version is set aside."""

    reason = reason_field("Why it is set aside", rows=2)


def _named(files: tuple[str, ...]) -> str:
    """Return what files are wanted, in words."""
    return " and ".join(files)
