"""The national registry of NPIs as CMS disseminates it (npidata_pfile), or an extract of it.

Persons alone are practitioners; organisations and deactivated numbers, of which the file says
nothing more, are counted and left out, and what was known of them stays.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ..schema import KINDS
from . import states
from .plan import MappingError, Plan, Preset, cell, completed, folded, listed, shown, suggestion

NAME = "nppes"
VERSION = 1
KIND = KINDS["practitioners"]
NPI, ENTITY = "npi", "entity type code"
LAST, FIRST = "provider last name (legal name)", "provider first name"
STATE = "provider business practice location address state name"
DEACTIVATED, REACTIVATED = "npi deactivation date", "npi reactivation date"
CODE, SWITCH = (
    "healthcare provider taxonomy code_{}",
    "healthcare provider primary taxonomy switch_{}",
)
MOST_TAXONOMIES = 15
NEEDED = (NPI, ENTITY, LAST, FIRST, STATE, CODE.format(1), SWITCH.format(1))
SOURCES = MappingProxyType(
    {
        "source_record_id": NPI,
        "npi": NPI,
        "last_name": LAST,
        "first_name": FIRST,
        "taxonomy": CODE.format(1),
        "state": STATE,
    }
)
NOTES = (
    "Entity type 1 alone is read. Organisations (type 2) and deactivated numbers are counted and "
    "listed as rows that name no practitioner; what was known of a deactivated number stays.",
    "The taxonomy is the one marked primary (switch Y), else the first; it tells the profession.",
    "The record's number is the NPI. A row sent again replaces the former.",
    "A practice state that is none of the United States stays empty. Other columns are left out.",
)


def plan(header: tuple[str, ...], kind: str | None) -> Plan:
    """Return the plan for the header of a registry file.

    Raises MappingError for missing columns and for a ``kind`` that is not practitioners.
    """
    if kind not in (None, KIND.name):
        raise MappingError(
            f"The registry of NPIs is {KIND.name}, not {shown(kind)}. Leave the kind out or "
            "correct it."
        )
    names = folded(header)
    missing = [name for name in NEEDED if name not in names]
    if missing:
        near = [f"{shown(name)}{suggestion(name, names.values())}" for name in missing]
        raise MappingError(
            f"This file cannot be read as the registry of NPIs: no column {listed(near)}. Keep "
            "these columns in the extract as CMS heads them."
        )
    return Plan(
        preset=NAME,
        version=VERSION,
        kind=KIND.name,
        expressions=completed(KIND, _expressions(names)),
        source_columns=MappingProxyType({c: names[s] for c, s in SOURCES.items()}),
        carries_status=False,
        change_policy="latest_wins",
        notes=NOTES,
    )


def _expressions(names: Mapping[str, str]) -> Mapping[str, str]:
    """Return the SQL of every canonical column that the file can fill."""
    cells = {key: cell(name) for key, name in names.items()}
    person = f"{cells[ENTITY]} = '1' AND NOT {_is_deactivated(cells)}"
    return {
        "source_record_id": cells[NPI],
        "record_status": "'new'",
        "npi": f"CASE WHEN {person} THEN {cells[NPI]} END",
        "last_name": cells[LAST],
        "first_name": cells[FIRST],
        "taxonomy": _primary(cells),
        "state": states.code(cells[STATE]),
    }


def _primary(cells: Mapping[str, str]) -> str:
    """Return SQL for the taxonomy whose switch is Y, else the first there is."""
    numbers = range(1, MOST_TAXONOMIES + 1)
    codes = {n: cells[CODE.format(n)] for n in numbers if CODE.format(n) in cells}
    marked = " ".join(
        f"WHEN upper({cells[SWITCH.format(n)]}) = 'Y' AND {code} IS NOT NULL THEN {code}"
        for n, code in codes.items()
        if SWITCH.format(n) in cells
    )
    return f"CASE {marked} ELSE coalesce({', '.join(codes.values())}) END"


def _is_deactivated(cells: Mapping[str, str]) -> str:
    """Return SQL that is true for a number deactivated and not reactivated since."""
    ended, again = (cells.get(name, "NULL::VARCHAR") for name in (DEACTIVATED, REACTIVATED))
    return f"({ended} IS NOT NULL AND coalesce({_day(again)} < {_day(ended)}, {again} IS NULL))"


def _day(text: str) -> str:
    """Return SQL for the day of ``01/31/2025``, null for other text."""
    return f"try_strptime({text}, '%m/%d/%Y')"


def recognises(header: tuple[str, ...]) -> bool:
    """Return whether the columns that only the registry has are there."""
    return {ENTITY, CODE.format(1)} <= {name.strip().lower() for name in header}


PRESET = Preset(
    name=NAME,
    title="National registry of NPIs (NPPES)",
    version=VERSION,
    recognises=recognises,
    plan=plan,
)
