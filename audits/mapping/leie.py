"""The OIG's List of Excluded Individuals and Entities, as it is published every month.

The layout is that of UPDATED.csv and of the monthly supplements: dates are YYYYMMDD and
eight zeros where there is none, a missing NPI is ten zeros. The rows have no number of
their own. Birth dates, addresses and the names of rows without an NPI stay in the original.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ..schema import KINDS
from .plan import MappingError, Plan, Preset, cell, completed, folded, listed, shown, suggestion

NAME = "leie"
VERSION = 1
KIND = KINDS["exclusions"]
NEEDED = (
    *("LASTNAME", "FIRSTNAME", "MIDNAME", "BUSNAME", "NPI", "DOB", "EXCLTYPE", "EXCLDATE"),
    *("REINDATE", "WAIVERDATE", "WVRSTATE"),
)
USED_WHERE_PRESENT = ("SPECIALTY",)
LEFT_OUT = ("GENERAL", "UPIN", "ADDRESS", "CITY", "STATE", "ZIP")
KNOWN = (*NEEDED, *USED_WHERE_PRESENT, *LEFT_OUT)
# Reinstatement and NPI may be added later and revise the record, so they do not name it.
NAMED_BY = ("LASTNAME", "FIRSTNAME", "MIDNAME", "BUSNAME", "DOB", "EXCLTYPE", "EXCLDATE")
SOURCES = MappingProxyType(
    {
        "source_record_id": "EXCLDATE",
        "npi": "NPI",
        "last_name": "LASTNAME",
        "first_name": "FIRSTNAME",
        "specialty": "SPECIALTY",
        "exclusion_type": "EXCLTYPE",
        "excluded_on": "EXCLDATE",
        "reinstated_on": "REINDATE",
        "waiver_state": "WVRSTATE",
        "waivered_on": "WAIVERDATE",
    }
)
NOTES = (
    "Dates are read as YYYYMMDD; 00000000 is none. An NPI of ten zeros is none.",
    "Rows without an NPI load and cannot be matched: nobody is matched by name. Their names are "
    "left out.",
    "A record's number is made of names, birth date, type and date of exclusion; rows alike in "
    "these are counted up by NPI.",
    "The list has only who is excluded now: a person reinstated is missing from the next one and "
    "not marked. Take in the monthly supplement of reinstatements too, which fills REINDATE.",
    "A row sent again replaces the former.",
)


def plan(header: tuple[str, ...], kind: str | None) -> Plan:
    """Return the plan for the header of a list of exclusions.

    Raises MappingError for missing or unknown columns and for a ``kind`` that is not
    exclusions.
    """
    if kind not in (None, KIND.name):
        raise MappingError(
            f"A list of exclusions is {KIND.name}, not {shown(kind)}. Leave the kind out or "
            "correct it."
        )
    names = {key.upper(): name for key, name in folded(header).items()}
    _refuse_misfits(names)
    return Plan(
        preset=NAME,
        version=VERSION,
        kind=KIND.name,
        expressions=completed(KIND, _expressions(names)),
        source_columns=MappingProxyType({c: names[s] for c, s in SOURCES.items() if s in names}),
        carries_status=False,
        change_policy="latest_wins",
        notes=_notes(names),
    )


def _refuse_misfits(names: Mapping[str, str]) -> None:
    missing = [c for c in NEEDED if c not in names]
    free = [c for c in KNOWN if c not in names]
    unknown = [
        f"{shown(name)}{suggestion(key, free)}" for key, name in names.items() if key not in KNOWN
    ]
    problems = [f"no column {listed(missing)}"] if missing else []
    problems += [f"unknown column {listed(unknown)}"] if unknown else []
    if problems:
        raise MappingError(
            f"This file cannot be read as a list of exclusions: {'; '.join(problems)}. "
            "Take the file as the OIG publishes it (UPDATED.csv or a monthly supplement)."
        )


def _notes(names: Mapping[str, str]) -> tuple[str, ...]:
    ignored = [names[c] for c in LEFT_OUT if c in names]
    return (*NOTES, f"Columns left out: {', '.join(ignored)}.") if ignored else NOTES


def _expressions(names: Mapping[str, str]) -> Mapping[str, str]:
    """Return the SQL of every canonical column that the file can fill."""
    cells = {code: cell(name) for code, name in names.items()}
    number = _unless_zeros(cells["NPI"])
    filled = {
        "source_record_id": _record(cells),
        "record_status": "'new'",
        "npi": number,
        "last_name": f"CASE WHEN {number} IS NOT NULL THEN {cells['LASTNAME']} END",
        "first_name": f"CASE WHEN {number} IS NOT NULL THEN {cells['FIRSTNAME']} END",
        "exclusion_type": cells["EXCLTYPE"],
        "excluded_on": _day(cells["EXCLDATE"]),
        "reinstated_on": _day(cells["REINDATE"]),
        "waiver_state": cells["WVRSTATE"],
        "waivered_on": _day(cells["WAIVERDATE"]),
    }
    return filled | {"specialty": cells["SPECIALTY"]} if "SPECIALTY" in cells else filled


def _record(cells: Mapping[str, str]) -> str:
    """Return SQL for a number of the row that is the same in every list that has it."""
    identity = [f"coalesce(upper({cells[c]}), '')" for c in NAMED_BY]
    said = " || chr(31) || ".join(identity)
    order = f"coalesce({_unless_zeros(cells['NPI'])}, '')"
    repeat = f"row_number() OVER (PARTITION BY {', '.join(identity)} ORDER BY {order}, row)"
    return f"left(sha256({said}), 40) || coalesce('-' || nullif({repeat}, 1), '')"


def _unless_zeros(text: str) -> str:
    """Return SQL for the text, null where it has nothing but zeros."""
    return f"CASE WHEN NOT regexp_full_match({text}, '0+') THEN {text} END"


def _day(text: str) -> str:
    """Return SQL that turns ``20250120`` into ``2025-01-20`` and leaves other text alone.

    Eight zeros are no day.
    """
    text = _unless_zeros(text)
    dashed = f"{text}[1:4] || '-' || {text}[5:6] || '-' || {text}[7:8]"
    shaped = f"regexp_full_match({text}, '[0-9]{{8}}')"
    return f"CASE WHEN {shaped} THEN {dashed} ELSE {text} END"


def recognises(header: tuple[str, ...]) -> bool:
    """Return whether the columns that only this list has are there."""
    return {"EXCLTYPE", "EXCLDATE", "REINDATE"} <= {name.strip().upper() for name in header}


PRESET = Preset(
    name=NAME,
    title="OIG list of excluded persons (LEIE)",
    version=VERSION,
    recognises=recognises,
    plan=plan,
)
