"""Everything a row of one kind is asked, as SQL conditions over its texts and values."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ..schema import Field, Kind, Need, Type
from . import identifiers
from .codes import CODES
from .reading import DIGITS, has_offset, is_dea, is_npi, is_state, literal, one_of

if TYPE_CHECKING:
    from ..mapping import Plan

STATES = (
    " AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH "
    "NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI AA AE AP "
)
SCHEDULES = ("I", "II", "III", "IV", "V")
CONTROL = r"\p{Cc}"
UNREADABLE = {
    Type.INTEGER: "not_a_whole_number",
    Type.QUANTITY: "not_a_number",
    Type.STRENGTH: "not_a_number",
    Type.DATE: "not_a_date",
    Type.DATETIME: "not_a_datetime",
    Type.BOOLEAN: "not_true_or_false",
    Type.JSON: "not_json",
}
TERMS = (
    ("valid_from", "valid_to"),
    ("recorded_on", "ended_on"),
    ("started_at", "ended_at"),
    ("excluded_on", "reinstated_on"),
)
MISSING_IDENTITY = {
    "source_system": "no_source",
    "source_record_id": "no_record_id",
    "patient_id": "no_patient",
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One condition that rejects a row or warns of it.

    ``condition`` is SQL over ``"name:text"``, ``"name"`` and for an NPI ``"name:number"``:
    the text, the value and the number of each column. A warning that is not ``listed`` lies
    in the file, which lacks the column altogether: it is counted, but neither listed row by
    row nor held against a row.
    """

    column: str
    code: str
    condition: str
    listed: bool = True

    @property
    def rejects(self) -> bool:
        """Return whether the row is kept out."""
        return CODES[self.code].level == "rejected"


def of(kind: Kind, plan: "Plan", received_on: date) -> tuple[Problem, ...]:
    """Return every problem that rows of ``kind`` read by ``plan`` could have."""
    present = [field for field in kind.fields if field.name not in plan.absent]
    found = [*_without_identity(kind, plan), *_unjoined(plan)]
    for field in present:
        found += _unreadable(field)
        found += _doubtful_identifier(field)
        found += _imprecise(field)
    for field in _event_dates(kind, present):
        found += _doubtful_date(field, received_on)
    found += _missing(kind, plan)
    found += [p for p in _about_prescriptions(received_on) if _has(plan, p.column)]
    found += [p for p in _contradictions() if _has(plan, p.column)]
    if kind.name == "prescriptions":
        found += _conditional(plan)
    if kind.name == "exclusions":
        found.append(_lack(plan, "no_npi_to_match", f"{text('npi')} IS NULL", "npi"))
    return tuple(found)


def text(column: str) -> str:
    """Return the SQL name of a column's text as mapped."""
    return f'"{column}:text"'


def npi(column: str) -> str:
    """Return the SQL name of an NPI column's number, null unless it has ten digits."""
    return f'"{column}:number"'


def unjoined(column: str) -> str:
    """Return the SQL name of whether the row refers to another part's record that is not there."""
    return f'"{column}:unjoined"'


def _unjoined(plan: "Plan") -> Iterator[Problem]:
    for column in plan.unjoined:
        yield Problem(column=column, code="not_among_the_files", condition=unjoined(column))


def _has(plan: "Plan", column: str) -> bool:
    return column in plan.expressions and column not in plan.absent


def _without_identity(kind: Kind, plan: "Plan") -> Iterator[Problem]:
    for column, code in MISSING_IDENTITY.items():
        if column in kind.columns:
            yield Problem(column=column, code=code, condition=f"{text(column)} IS NULL")
    grouped = {column for _, group in kind.any_of for column in group}
    for code, group in kind.any_of:
        empty = " AND ".join(f"{text(column)} IS NULL" for column in group)
        named = next((column for column in group if _has(plan, column)), group[0])
        yield Problem(column=named, code=code, condition=empty)
    for field in kind.fields:
        if field.need is Need.IDENTITY and field.name not in {*grouped, *MISSING_IDENTITY}:
            yield Problem(
                column=field.name, code="not_in_list", condition=f"{text(field.name)} IS NULL"
            )


def _unreadable(field: Field) -> Iterator[Problem]:
    """Yield what keeps one cell from being a value of its column."""
    name = field.name
    hidden = f"regexp_matches({text(name)}, {literal(CONTROL)})"
    yield Problem(column=name, code="control_character", condition=hidden)
    code = "not_in_list" if field.choices else UNREADABLE.get(field.type)
    if code:
        unread = f'{text(name)} IS NOT NULL AND "{name}" IS NULL'
        yield Problem(column=name, code=code, condition=unread)
    if field.longest:
        long = f"length({text(name)}) > {field.longest}"
        yield Problem(column=name, code="too_long", condition=long)


def _doubtful_identifier(field: Field) -> Iterator[Problem]:
    name, value = field.name, f'"{field.name}"'
    if is_npi(field):
        number = npi(name)
        malformed = f"{value} IS NOT NULL AND {number} IS NULL"
        yield Problem(column=name, code="npi_malformed", condition=malformed)
        synthetic = identifiers.npi_is_synthetic(number)
        yield Problem(column=name, code="npi_synthetic", condition=synthetic)
        wrong = identifiers.npi_fails_check(number)
        yield Problem(column=name, code="npi_check_digit", condition=wrong)
    if is_dea(field):
        yield from _doubtful_dea(field)
    if is_state(field):
        unknown = f"NOT contains({literal(STATES)}, ' ' || {value} || ' ')"
        yield Problem(column=name, code="unknown_state", condition=unknown)
    if name == "schedules":
        strange = identifiers.any_word(value, lambda w: f"NOT {one_of(w, SCHEDULES)}")
        yield Problem(column=name, code="unknown_schedule", condition=strange)


def _doubtful_dea(field: Field) -> Iterator[Problem]:
    checks = {
        "dea_malformed": identifiers.dea_is_malformed,
        "dea_check_digit": identifiers.dea_fails_check,
    }
    for code, fails in checks.items():
        value = f'"{field.name}"'
        listed = field.type is Type.LIST
        condition = identifiers.any_word(value, fails) if listed else fails(value)
        yield Problem(column=field.name, code=code, condition=condition)


def _imprecise(field: Field) -> Iterator[Problem]:
    name = field.name
    if places := DIGITS.get(field.type):
        beyond = literal(rf"\.[0-9]{{{places}}}[0-9]*[1-9]")
        longer = f"length({text(name)}) > {places + 1} AND regexp_matches({text(name)}, {beyond})"
        yield Problem(column=name, code="rounded", condition=longer)
    if field.type is Type.DATETIME:
        bare = f"NOT {has_offset(text(name))}"
        yield Problem(column=name, code="no_time_zone", condition=bare)


def _event_dates(kind: Kind, present: list[Field]) -> list[Field]:
    """Return the columns whose dates must lie between 1990 and the day of receipt.

    Terms of licences and agreements are none of these: they run ahead, and long back.
    """
    if kind.open_ended:
        return []
    return [field for field in present if field.type in (Type.DATE, Type.DATETIME)]


def _doubtful_date(field: Field, received_on: date) -> Iterator[Problem]:
    day = f'CAST("{field.name}" AS DATE)'
    early, late = f"{day} < DATE '1990-01-01'", f"{day} > DATE '{received_on:%Y-%m-%d}'"
    yield Problem(column=field.name, code="date_before_1990", condition=early)
    yield Problem(column=field.name, code="date_in_future", condition=late)


def _missing(kind: Kind, plan: "Plan") -> Iterator[Problem]:
    for field in kind.fields:
        if field.need is not Need.RULES or field.name == "prescriber_npi":  # see _conditional
            continue
        listed = _has(plan, field.name)
        if listed or field.name != "record_status":  # its absence is a policy, not a lack
            empty = f"{text(field.name)} IS NULL"
            yield Problem(column=field.name, code="missing", condition=empty, listed=listed)


def _about_prescriptions(received_on: date) -> Iterator[Problem]:
    """Yield the impossible values that load with a warning and that rule R17 judges."""
    birth = f"patient_birth_year NOT BETWEEN 1900 AND {received_on.year}"
    yield Problem(column="patient_birth_year", code="birth_year_implausible", condition=birth)
    yield Problem(column="quantity", code="quantity_not_positive", condition="quantity <= 0")
    few, many = "days_supply < 1", "days_supply > 180"
    yield Problem(column="days_supply", code="days_supply_below_one", condition=few)
    yield Problem(column="days_supply", code="days_supply_above_180", condition=many)


def _contradictions() -> Iterator[Problem]:
    """Yield the pairs of dates that cannot both be right."""
    early = "filled_date < written_date"
    yield Problem(column="filled_date", code="filled_before_written", condition=early)
    for begins, ends in TERMS:
        yield Problem(column=ends, code="ends_before_it_begins", condition=f"{ends} < {begins}")


def _conditional(plan: "Plan") -> Iterator[Problem]:
    """Yield what a prescription lacks because of the sort of record it is."""
    no_npi = f"{text('prescriber_npi')} IS NULL"
    no_dea = f"{text('prescriber_dea')} IS NULL"
    yield _lack(plan, "no_prescriber", f"{no_npi} AND {no_dea}", "prescriber_npi", "prescriber_dea")
    yield _lack(plan, "missing", f"{no_npi} AND NOT {no_dea}", "prescriber_npi")
    pharmacy = ("pharmacy_ncpdp", "pharmacy_npi", "pharmacy_dea")
    nowhere = " AND ".join(f"{text(column)} IS NULL" for column in pharmacy)
    dispensed, ordered = "record_type = 'dispense'", "record_type = 'order'"
    yield _lack(plan, "no_pharmacy", f"{dispensed} AND {nowhere}", *pharmacy)
    unfilled = f"{dispensed} AND {text('filled_date')} IS NULL"
    yield _lack(plan, "missing", unfilled, "filled_date")
    unwritten = f"{ordered} AND {text('written_date')} IS NULL AND {text('written_at')} IS NULL"
    yield _lack(plan, "missing", unwritten, "written_date", "written_at")


def _lack(plan: "Plan", code: str, condition: str, *columns: str) -> Problem:
    """Return a warning that all of ``columns`` are empty, under the first the file has."""
    held = [column for column in columns if _has(plan, column)]
    named = held[0] if held else columns[0]
    return Problem(column=named, code=code, condition=condition, listed=bool(held))
