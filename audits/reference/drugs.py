"""Which drug a row is: the one door to codes, names, strengths, schedules and factors."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from . import schedules
from .codes import PLACEHOLDER_LABELERS, by_rxcui, normalise_ndc
from .compounds import as_one, read_list
from .directory import SHIPPED, Directory
from .factors import (
    MME_SETS,
    factor,
    is_analgesic_opioid,
    is_dose_opioid,
    is_fentanyl_patch,
    is_moud,
)
from .forms import form_by_route, form_of, long_acting_of, route_of
from .identity import FORMS, Amount, Drug, DrugIdentity, Facts
from .local import LocalMapping
from .names import read
from .strengths import fit, stated
from .substances import class_of

__all__ = [
    "FORMS",
    "MME_SETS",
    "Drug",
    "DrugIdentity",
    "compounded",
    "factor",
    "is_analgesic_opioid",
    "is_dose_opioid",
    "is_fentanyl_patch",
    "is_moud",
    "match",
    "match_locally",
    "normalise_ndc",
    "route_taken",
    "schedule_on",
]

LOCAL = "local"
# These settle form and strength before the row's own words do.
CODES = frozenset({"ndc", "rxcui", LOCAL})
ALWAYS_LONG_ACTING = frozenset({"methadone", "levorphanol"})
LONG_ACTING_FORMS = frozenset({"patch", "implant"})
RATE_DRUGS = frozenset({"fentanyl", "buprenorphine"})


def match(identity: DrugIdentity, directory: Directory = SHIPPED) -> Drug | None:
    """Return the drug a row names, or None where nothing in it is recognised.

    The NDC decides, then the RxNorm code, then the name, then the list of ingredients;
    the strength is the NDC's, else the RxNorm code's, else the row's own, else the
    name's. What disagrees becomes a note. Of a compound all of them name parts, and the
    one that decides is found among all. ``directory`` says what NDCs mean.
    """
    found = _found(identity, directory)
    if found and _is_mixture(identity, found):
        found, own = as_one(found)
        if not own:
            identity = replace(identity, strength_value=None, strength_unit=None)
    return _drug(identity, found, directory) if found else None


def match_locally(
    identity: DrugIdentity, meant: LocalMapping, directory: Directory = SHIPPED
) -> Drug:
    """Return the drug that a row names according to a local mapping.

    For rows of which ``match`` says None: what the tables know is never overridden.
    """
    facts = Facts(
        ingredients=(meant.ingredient,),
        amount=meant.amount,
        form=meant.form,
        notes=("local_mapping",),
    )
    if compounded(identity) and meant.by == "ndc":
        facts = _of_what_went_in(facts)
    return _drug(identity, {LOCAL: facts}, directory)


def _drug(identity: DrugIdentity, found: Mapping[str, Facts], directory: Directory) -> Drug:
    """Return the drug of a row by what its ways of naming it tell."""
    via, facts = next(iter(found.items()))
    form = _form(identity, found, facts)
    amount, notes = _strength(identity, found, form)
    if form == "unknown" and amount and amount.unit == "mcg/hr":
        form = "patch" if facts.ingredients[0] in RATE_DRUGS else form
    drug_class, drug_subclass = class_of(facts.ingredients, form)
    return Drug(
        ingredient=facts.ingredients[0],
        ingredients=facts.ingredients,
        drug_class=drug_class,
        drug_subclass=drug_subclass,
        form=form,
        strength=amount.value if amount else None,
        strength_unit=amount.unit if amount else None,
        long_acting=_long_acting(identity, via, facts, form),
        schedule=schedules.current(facts.ingredients, form, facts.schedule),
        injectable=form == "injection",
        via=via,
        notes=(*_code_notes(identity, found, directory), *notes),
    )


def schedule_on(drug: Drug, day: date) -> str | None:
    """Return the schedule in force on ``day``; None where the drug is not controlled."""
    rows = schedules.rows_for(drug.ingredients, drug.form)
    if any(row["valid_from"] or row["valid_to"] for row in rows):
        return schedules.in_force(rows, day)
    return drug.schedule


def compounded(identity: DrugIdentity) -> bool | None:
    """Return whether a pharmacy made the drug: by its cell, else by its words; None if unsaid.

    Who lists what went in, or calls a drug compounded, says so. "Compound" alone is a part of
    trade names.
    """
    if identity.is_compound is not None:
        return identity.is_compound
    says_so = "compounded" in (identity.drug_name or "").lower()
    return True if says_so or identity.ingredients else None


def route_taken(identity: DrugIdentity, drug: Drug) -> str | None:
    """Return how a row's drug is taken, None where nothing tells.

    The row's own route speaks first, then the words of its dose form, then of its name,
    then the form that the drug's code stands for.
    """
    if identity.route:
        return identity.route
    told = (identity.dose_form, identity.drug_name, drug.form.replace("_", " "))
    return next((route for words in told if words and (route := route_of(words))), None)


def _found(identity: DrugIdentity, directory: Directory) -> Mapping[str, Facts]:
    """Return what each way of naming the drug tells, the one that decides first."""
    ndc = normalise_ndc(identity.ndc11, directory.by_ndc)
    by_code = directory.by_ndc(ndc) if ndc else None
    if by_code and compounded(identity):
        by_code = _of_what_went_in(by_code)
    told = {
        "ndc": by_code,
        "rxcui": by_rxcui(identity.rxcui) if identity.rxcui else None,
        "name": read(identity.drug_name) if identity.drug_name else None,
        "ingredients": read_list(identity.ingredients) if identity.ingredients else None,
    }
    return {via: facts for via, facts in told.items() if facts}


def _is_mixture(identity: DrugIdentity, found: Mapping[str, Facts]) -> bool:
    """Return whether code, name and list speak of one mixture, so that none of them is the whole.

    A compound is billed by the code of one of its parts; a list of ingredients beside a name
    is that of a compound, where no code says that it is a product.
    """
    return bool(compounded(identity)) or ("ingredients" in found and CODES.isdisjoint(found))


def _of_what_went_in(facts: Facts) -> Facts:
    """Return what a code tells of a compound: it is of what went in, not of what came out."""
    return replace(facts, amount=None, form="unknown", long_acting=None, schedule=None)


def _form(identity: DrugIdentity, found: Mapping[str, Facts], facts: Facts) -> str:
    """Return the form by the code, else by the row's own words, else by the other names.

    The words of a name count though it names no ingredient: "compounded troche".
    """
    if facts.form != "unknown" and not CODES.isdisjoint(found):
        return facts.form
    words = form_of(identity.dose_form) if identity.dose_form else "unknown"
    named = form_of(identity.drug_name) if identity.drug_name else "unknown"
    told = (words, *(other.form for other in found.values()), named)
    form = next((form for form in told if form != "unknown"), "unknown")
    return form_by_route(form, identity.route) if identity.route else form


def _strength(
    identity: DrugIdentity, found: Mapping[str, Facts], form: str
) -> tuple[Amount | None, tuple[str, ...]]:
    """Return the strength in the unit that fits, and notes on what speaks against it."""
    leading = next(iter(found.values()))
    same = {via: f for via, f in found.items() if f.ingredients[0] == leading.ingredients[0]}
    written: dict[str, Amount | None] = {
        via: same[via].amount for via in ("ndc", "rxcui", LOCAL) if via in same
    }
    if identity.strength_unit and (identity.strength_value or 0) > 0:
        written["row"] = stated(identity.strength_value, identity.strength_unit)
    written |= {via: same[via].amount for via in ("name", "ingredients") if via in same}
    fitted = [fit(amount, leading.ingredients, form) for amount in written.values()]
    read_ones = [amount for amount in fitted if amount]
    if not read_ones:
        unfit = ("strength_per_volume_unknown",) if any(written.values()) else ()
        return None, (*leading.notes, *unfit)
    differs = ("strength_differs",) if len(set(read_ones)) > 1 else ()
    return read_ones[0], (*leading.notes, *differs)


def _long_acting(identity: DrugIdentity, via: str, facts: Facts, form: str) -> bool | None:
    """Return the code's or the words' answer; None where neither words nor form tell."""
    by_form = long_acting_of(identity.dose_form) if identity.dose_form else None
    by_name = long_acting_of(identity.drug_name) if identity.drug_name else None
    told = (facts.long_acting, by_form, by_name) if via in CODES else (by_form, facts.long_acting)
    if (said := next((answer for answer in told if answer is not None), None)) is not None:
        return said
    if facts.ingredients[0] in ALWAYS_LONG_ACTING or form in LONG_ACTING_FORMS:
        return True
    return None if form == "unknown" else False


def _code_notes(
    identity: DrugIdentity, found: Mapping[str, Facts], directory: Directory
) -> tuple[str, ...]:
    """Return notes on a code that could not be used and on names that mean different drugs."""
    notes = []
    if identity.ndc11 and "ndc" not in found:
        ndc = normalise_ndc(identity.ndc11, directory.by_ndc)
        if ndc is None:
            notes.append("ndc_unreadable")
        elif not ndc.startswith(PLACEHOLDER_LABELERS):
            notes.append("ndc_unknown")
    if len({facts.ingredients[0] for facts in found.values()}) > 1:
        notes.append("drug_codes_disagree")
    return tuple(notes)
