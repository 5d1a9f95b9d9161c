"""Morphine equivalents and the questions that dose rules ask of a drug."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from .identity import Drug
from .loading import made_of, rows
from .substances import NOT_ANALGESIC

# The set that stands behind every dose, unless another is asked for.
MME_SET = "cdc2022+2018"
# Which column of the table each named set of factors reads.
MME_SETS: Mapping[str, str] = MappingProxyType(
    {"cdc2022+2018": "default_factor", "cdc2018": "cdc_2018", "nih_heal": "nih_heal"}
)
MME_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "cdc2022+2018": "the CDC guideline of 2022 and, for drugs it does not list, the CDC file "
        "of 2018",
        "cdc2018": "the CDC file of 2018",
        "nih_heal": "the NIH HEAL calculator of 2025",
    }
)
# Strengths in mg/ml are multiplied by ml, so a factor per mg holds for both.
UNITS_OF_FACTOR = {"mg": frozenset({"mg", "mg/ml"}), "mcg": {"mcg"}, "mcg/hr": {"mcg/hr"}}
NOT_TAKEN = frozenset({"injection", "implant"})
OUD_TREATMENT = "02"
OUD_INGREDIENTS = frozenset({"buprenorphine", "methadone"})


def is_dose_opioid(drug: Drug) -> bool:
    """Return whether the drug is an opioid in the sense of dose rules.

    Not antitussive, antidiarrheal or acting on the gut only, not injectable, never
    buprenorphine. Whether a row of methadone treats addiction is ``is_moud``'s to say.
    """
    return is_analgesic_opioid(drug) and drug.ingredient != "buprenorphine"


def is_analgesic_opioid(drug: Drug) -> bool:
    """Return whether the drug is an opioid in the sense of rules that count no dose.

    As in dose rules, but buprenorphine for pain counts: whether it is, ``is_moud`` says.
    """
    return (
        drug.drug_class == "opioid"
        and drug.drug_subclass not in NOT_ANALGESIC
        and not drug.injectable
    )


def is_fentanyl_patch(drug: Drug) -> bool:
    """Return whether the drug is a fentanyl patch, whose days are three for each patch."""
    return drug.ingredient == "fentanyl" and drug.form == "patch"


def is_moud(drug: Drug, treatment_type: str | None) -> bool:
    """Return whether the row treats opioid use disorder.

    Treatment type 02 says so of any buprenorphine or methadone. Without it: buprenorphine
    in mg (tablet, film), with naloxone, as an implant or an extended-release injection;
    in mcg or mcg/hr it is for pain, and so is methadone.
    """
    if drug.ingredient not in OUD_INGREDIENTS:
        return False
    if treatment_type == OUD_TREATMENT:
        return True
    if drug.ingredient != "buprenorphine" or drug.form == "patch":
        return False
    if drug.form in NOT_TAKEN:
        return drug.form == "implant" or bool(drug.long_acting)
    if drug.strength_unit is None:
        return "naloxone" in drug.ingredients or drug.form == "tablet"
    return drug.strength_unit not in {"mcg", "mcg/hr"}


def factor(drug: Drug, mme_set: str = MME_SET) -> Decimal | None:
    """Return the factor for strength x quantity / days x factor; None where the row never counts.

    Per mg, except fentanyl: per mcg, and per mcg/hr for a patch (7.2, with days set to
    three for each patch). None for buprenorphine, cough medicines, injectables, and where
    the form or unit does not fit a published factor. Raises KeyError for an unknown set.
    """
    column = MME_SETS[mme_set]
    if not is_dose_opioid(drug) or drug.form in NOT_TAKEN:
        return None
    for row in _factors().get(drug.ingredient, ()):
        if _fits(row, drug):
            return Decimal(row[column]) if row[column] else None
    return None


def _fits(row: Mapping[str, str], drug: Drug) -> bool:
    """Return whether a factor's row is for this form and unit; an unread strength fits any unit."""
    fits_form = row["forms"] == "any" or drug.form in row["forms"].split(";")
    unit = drug.strength_unit
    return fits_form and (unit is None or unit in UNITS_OF_FACTOR[row["strength_unit"]])


@made_of("mme_factors")
def _factors() -> Mapping[str, tuple[Mapping[str, str], ...]]:
    counting = [row for row in rows("mme_factors") if row["counts"] == "yes"]
    names = {row["ingredient"] for row in counting}
    return MappingProxyType(
        {name: tuple(row for row in counting if row["ingredient"] == name) for name in names}
    )
