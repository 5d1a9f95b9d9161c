"""The records behind a flag, laid out so that a reader can check the sum by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType

from ..catalogue import CATALOGUE
from ..exports import exact
from ..in_force import told_value
from ..models import FlagState
from ..review import Evidence
from ..rule import Rule
from .judged import line_of
from .people import patient_link, prescriber_link
from .saying import grouped, note

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "event_date": "Date",
        "written_on": "Written",
        "patient_key": "Patient",
        "ingredient": "Drug",
        "strength": "Strength",
        "quantity": "Quantity",
        "effective_days": "Days",
        "factor": "Factor",
        "mme_day": "MME a day",
        "days_in_window": "Days in window",
        "contribution": "MME in window",
        "last_covered": "Last covered",
        "early": "Days early",
        "stock": "Days on hand",
        "run_out": "All used up on",
        "prescriber_key": "Prescriber",
        "pharmacy_key": "Pharmacy",
        "patient_state": "State",
        "schedule": "Schedule",
        "prescriber_type": "Profession",
        "category": "Authority",
        "practice_hours": "Practice hours",
        "agreement": "Agreement",
        "supervising_npi": "Supervisor named",
    }
)
NOT_FIGURES = {
    "subject_id",
    "definition",
    "occurred_on",
    "kind",
    "source_system",
    "source_record_id",
    "content_hash",
    "upload",
    "row",
    "patient_bucket",
    "notes",
    "strength_unit_used",
}
# What a reader multiplies and adds up comes first, from left to right.
SUM = (
    "event_date",
    "ingredient",
    "strength",
    "quantity",
    "effective_days",
    "factor",
    "mme_day",
    "days_in_window",
    "contribution",
)
# With more figures than fit beside one another these stay in the row, the rest goes below it.
FITTING = 8
IN_THE_ROW = frozenset({*SUM, "written_on", "patient_key", "schedule", "early", "stock"})
PRESCRIBERS = ("prescriber_key", "supervising_npi")
# Where nothing in a cell is an answer, not a gap.
ABSENT: Mapping[str, str] = MappingProxyType({"depressant": "no"})
THOUSANDTHS = ("mme_day", "contribution")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One figure as text, a person as the way to his page; numbers stand on the right.

    ``whole`` is what a short text stands for.
    """

    text: str
    is_number: bool
    whole: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One record: where it came from, the rule's figures, and what is to be said of it.

    ``further`` are the figures for which its row has no room, each with its title.
    """

    upload: int
    row: int
    name: str
    cells: Sequence[Cell]
    further: Sequence[tuple[str, Cell]]
    notes: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """The records of one occurrence; ``total`` is its sum in words, where the rule adds up.

    ``line`` is what it was held against, where not all of the flag's were by the rule's own.
    """

    title: str
    line: str
    entries: Sequence[Entry]
    total: str


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The whole page of evidence."""

    titles: Sequence[Cell]
    groups: Sequence[Group]
    is_grouped: bool
    width: int


def lay_out(state: FlagState, evidence: Evidence) -> Layout:
    """Return the records of ``evidence`` in the groups of the flag's occurrences."""
    names = _figures(state, evidence.columns)
    told = {(o["definition"], o["occurred_on"]): o for o in state.occurrences}
    groups = [
        _group(state, names, told[key], list(rows), evidence)
        for key, rows in groupby(evidence.rows, key=_occurrence)
    ]
    first = evidence.rows[0] if evidence.rows else {}
    titles = [
        Cell(text=_title(name), is_number=_is_number(first.get(name))) for name in _in_row(names)
    ]
    return Layout(
        titles=titles,
        groups=groups,
        is_grouped=state.occurrence_count > 1,
        width=len(titles) + 1,
    )


def _title(name: str) -> str:
    return TITLES.get(name, name.replace("_", " ").capitalize())


def _in_row(names: Sequence[str]) -> list[str]:
    """Return the figures that stand in the row itself."""
    return [name for name in names if len(names) <= FITTING or name in IN_THE_ROW]


def _occurrence(row: Mapping) -> tuple[str, str]:
    return row["definition"], row["occurred_on"].isoformat()


def _figures(state: FlagState, columns: Sequence[str]) -> list[str]:
    """Return the names of the figures to show; a sum gets the column that adds up to it."""
    left_out = NOT_FIGURES | ({"patient_key"} if state.flag.subject_id.startswith("p_") else set())
    names = [name for name in columns if name not in left_out]
    if "days_in_window" not in names:
        return names
    names.append("contribution")
    factors = [name for name in SUM if name in names]
    return [*factors, *(name for name in names if name not in factors)]


def _group(
    state: FlagState, names: Sequence[str], told: Mapping, rows: list[dict], evidence: Evidence
) -> Group:
    rule, divisor = CATALOGUE[state.flag.rule], state.value_divisor
    for row in rows:
        if "contribution" in names:
            row["contribution"] = row["mme_day"] * row["days_in_window"]
    adds_up = "contribution" in names and len(rows) == told["records"]
    period = " to ".join(dict.fromkeys((told["occurred_on"], told["last_on"])))
    return Group(
        title=f"{period}: {rule.definitions[told['definition']].title}",
        line=line_of(state, told) if any(o.get("setting") for o in state.occurrences) else "",
        entries=[_entry(names, row) for row in rows],
        total=_sum(rule, told, divisor) if adds_up else "",
    )


def _sum(rule: Rule, told: Mapping, divisor: int) -> str:
    """Return the sum of the contributions, divided as the rule divided it on these days."""
    days = told_value(rule, told, rule.value_per)
    total = grouped(exact(told["value"] * days, divisor))
    mean = grouped(exact(told["value"], divisor))
    name = rule.threshold_of(told["definition"])
    line = f"{rule.parameters[name].comparison} {told_value(rule, told, name)}"
    return f"{total} MME / {days} days = {mean} {rule.unit_of(told['definition'])}; fires {line}"


def _entry(names: Sequence[str], row: Mapping) -> Entry:
    return Entry(
        upload=row["upload"],
        row=row["row"],
        name=f"{row['source_system']} {row['source_record_id']}",
        cells=[_cell(name, row) for name in _in_row(names)],
        further=[(_title(name), _cell(name, row)) for name in names if name not in _in_row(names)],
        notes="; ".join(note(word) for word in (row["notes"] or "").split(";") if word),
    )


def _cell(name: str, row: Mapping) -> Cell:
    value = row[name]
    if name == "patient_key":
        return Cell(text=patient_link(value), is_number=False, whole=value)
    if name in PRESCRIBERS and value:
        return Cell(text=prescriber_link(value), is_number=False)
    return Cell(text=_text(name, value, row), is_number=_is_number(value))


def _text(name: str, value: object, row: Mapping) -> str:
    if value is None:
        return ABSENT.get(name, "not given")
    if name in THOUSANDTHS:
        return grouped(exact(value, 1000))
    if name == "strength":
        return f"{value.normalize():f} {row.get('strength_unit_used') or ''}".strip()
    if isinstance(value, Decimal):
        return grouped(f"{value.normalize():f}")
    return value.isoformat() if isinstance(value, date) else str(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
