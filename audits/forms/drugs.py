"""What a person fills in to say what a drug means, and to decide on what another says."""

from django import forms

from ..drugs import Meaning
from ..models import DrugMapping
from ..reference import local
from ..reference.drugs import FORMS

DAY = {"type": "date"}
LONGEST = 1_000
REASON = "The trail keeps it. No patient's name or number."


def reason_field(label: str, *, required: bool = True) -> forms.CharField:
    """Return a field for a reason, as every act that is kept in the trail asks for one."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=REASON,
        error_messages={"required": "Give a reason."},
    )


class MeaningForm(forms.Form):
    """What a description means: the ingredient, its strength and form, on which days, and why."""

    ingredient = forms.ChoiceField(
        label="Means the ingredient",
        choices=[("", "Choose"), *((name, name) for name in local.INGREDIENTS)],
        error_messages={"required": "Choose an ingredient."},
        help_text="The one that decides, such as oxycodone for oxycodone with acetaminophen.",
    )
    strength = forms.DecimalField(
        label="Strength of one unit",
        required=False,
        min_value=0,
        max_digits=18,
        decimal_places=6,
        help_text="Empty: the strength that each record itself gives.",
    )
    strength_unit = forms.ChoiceField(
        label="Unit of the strength",
        required=False,
        choices=[("", "None"), *((unit, unit) for unit in local.UNITS)],
    )
    form = forms.ChoiceField(
        label="Form",
        choices=[(form, form.replace("_", " ").capitalize()) for form in FORMS],
        initial="tablet",
    )
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
    reason = reason_field("Why")

    def clean(self) -> dict:
        """Refuse a strength that cannot be, and a period that ends before it begins."""
        given = super().clean()
        if self.errors:
            return given
        fault = local.fault(
            given["ingredient"], given["strength"], given["strength_unit"], given["form"]
        )
        if fault:
            self.add_error("strength", fault)
        if given["valid_to"] and given["valid_to"] < given["valid_from"]:
            self.add_error("valid_to", "The last day lies before the first.")
        return given

    def meaning(self) -> Meaning:
        """Return what was said, once the form is valid."""
        return Meaning(**{name: self.cleaned_data[name] for name in Meaning.__annotations__})


class ProposalForm(MeaningForm):
    """A meaning for a description, and which of its names it goes by."""

    by = forms.ChoiceField(
        label="Records are recognised by",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what records are recognised by."},
    )
    field_order = ("by",)

    def __init__(self, names: dict[str, str], *args, **kwargs):
        """Take the names that the description has, the one that decides first."""
        super().__init__(*args, **kwargs)
        titles = dict(DrugMapping.By.choices)
        self.names = names
        self.fields["by"].choices = [(by, f"{titles[by]} {text}") for by, text in names.items()]
        self.fields["by"].initial = next(iter(names), None)

    def name(self) -> tuple[str, str]:
        """Return what the mapping goes by and the text, once the form is valid."""
        by = self.cleaned_data["by"]
        return by, self.names[by]


class TakeBackForm(forms.Form):
    """Why a mapping is to count no longer."""

    reason = reason_field("Why it is to count no longer")


class DecisionForm(forms.Form):
    """Whether a second person agrees; to disagree needs a reason."""

    agree = forms.TypedChoiceField(
        label="Your word",
        choices=[("yes", "I agree; it counts from now on"), ("no", "I do not agree")],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether you agree."},
    )
    reason = reason_field("Reason, needed where you do not agree", required=False)

    def clean(self) -> dict:
        """Ask for a reason where the person does not agree."""
        given = super().clean()
        if given.get("agree") is False and not given.get("reason"):
            self.add_error("reason", "Say why you do not agree.")
        return given
