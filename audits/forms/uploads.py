"""What a person fills in to bring records in and to take them back."""

from pathlib import Path

from django import forms

from ..ingestion import Asked, grouped
from ..mapping import AUTO, PRESETS
from ..schema import KINDS

STATE = r"[A-Za-z]{2}"
DAY = {"type": "date"}
SEVERAL = "; ".join(
    f"{preset.title} ({', '.join(part.name for part in preset.parts if part.read)})"
    for preset in PRESETS.values()
    if preset.parts
)


class SeveralFilesInput(forms.ClearableFileInput):
    """A file chooser in which several files can be marked."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """One file or several; its value is the list of them.

    An empty file is taken: it is refused by name, and kept, where all others are.
    """

    widget = SeveralFilesInput

    def __init__(self, **options):
        """Take what any field takes."""
        super().__init__(allow_empty_file=True, **options)

    def clean(self, data: list, initial: object = None) -> list:
        """Return the files, each looked at as one alone would be."""
        return [super(SeveralFilesField, self).clean(each, initial) for each in data or [None]]


class UploadForm(forms.Form):
    """A file, or files that belong together, and what their sender knows of them.

    Everything but the files may be left to the files.
    """

    file = SeveralFilesField(
        label="File",
        help_text="CSV, TSV or pipe-delimited text with a header line. Choose several at once only "
        f"where a layout is read from several files together: {SEVERAL}.",
    )
    kind = forms.ChoiceField(
        label="Kind of record",
        required=False,
        choices=[("", "Found from the columns"), *((k.name, k.title) for k in KINDS.values())],
        help_text="What one row of the file is about.",
    )
    preset = forms.ChoiceField(
        label="Layout",
        required=False,
        choices=[(AUTO, "Found from the columns"), *((p.name, p.title) for p in PRESETS.values())],
        initial=AUTO,
        help_text="How the sender names the columns.",
    )
    source = forms.RegexField(
        label="Source system",
        required=False,
        max_length=40,
        regex=r"^[\w.:-]+$",
        help_text="Needed where the file has no column source_system, such as clinic-ehr.",
        error_messages={"invalid": "Use letters, digits and . : - _ only."},
    )
    covers_from = forms.DateField(
        label="Complete from",
        required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text="First day for which the file has every record. Empty: its first date.",
    )
    covers_to = forms.DateField(
        label="Complete to",
        required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text="Last such day. Between the two a missing row counts as absence.",
    )
    covers_states = forms.RegexField(
        label="Complete for states",
        required=False,
        max_length=300,
        regex=rf"^\s*{STATE}(\s*[;, ]\s*{STATE})*\s*$",
        help_text="Two letters each, such as FL;TX. Empty: all states.",
        error_messages={"invalid": "Write two letters for each state, joined by ; as in FL;TX."},
    )
    expect_rows = forms.IntegerField(
        label="Expected rows",
        required=False,
        min_value=0,
        help_text="The sender's count. If the file differs it is refused.",
    )
    expect_quantity = forms.DecimalField(
        label="Expected sum of quantity",
        required=False,
        max_digits=18,
        decimal_places=3,
        help_text="The sender's sum of the column quantity. If it differs the file is refused.",
    )

    def clean_covers_states(self) -> str:
        """Return the states in capitals joined by ``;``."""
        written = self.cleaned_data["covers_states"]
        return ";".join(written.upper().replace(",", " ").replace(";", " ").split())

    def clean(self) -> dict:
        """Refuse half a period, one that ends before it begins, and files that are strangers."""
        given = super().clean()
        paths = [Path(each.temporary_file_path()) for each in given.get("file", ())]
        if len(paths) > 1 and len(grouped(paths, given.get("preset") or AUTO)) > 1:
            self.add_error("file", "These files do not belong together. Upload each by itself.")
        begins, ends = given.get("covers_from"), given.get("covers_to")
        if bool(begins) != bool(ends) and not self.errors:
            self.add_error("covers_to" if begins else "covers_from", "Give both days or neither.")
        elif begins and ends and begins > ends:
            self.add_error("covers_to", "The last day lies before the first.")
        return given

    def asked(self) -> Asked:
        """Return what was asked, once the form is valid."""
        given = dict(self.cleaned_data)
        given["preset"] = given["preset"] or AUTO
        return Asked(file_name=given.pop("file")[0].name, **given)


class WithdrawalForm(forms.Form):
    """Why a promoted upload is to be taken back."""

    reason = forms.CharField(
        label="Reason",
        min_length=15,
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="At least 15 characters; the trail keeps it. No patient's name or number.",
    )
