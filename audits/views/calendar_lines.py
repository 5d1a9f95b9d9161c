"""Entries of the calendar as a page shows them: with the rules they move and their sources."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ..catalogue import CATALOGUE
from ..reference import calendar
from ..reference.authority import Authority, authority, periods
from ..reference.calendar import FEDERAL, Entry, Kind, Standing
from ..reference.loading import rows
from ..rule import Parameter, Rule

# Holds many topics, so to look it up says nothing yet: which of them moves a rule its
# citations tell. What else a rule looks up moves it by every row.
MANY_TOPICS = "legal_calendar"
PARAMETERS = "parameters"
SOURCES: Mapping[str, Mapping[str, str]] = {row["key"]: row for row in rows("sources")}
OF_THE_HOUSE = "named by the version in force"


@dataclass(frozen=True, kw_only=True)
class Line:
    """An entry with the rules it moves, each source with how well it was read, and a day.

    ``day`` is that of a turn and ``days`` how far off it is; None where nothing turns.
    """

    entry: Entry
    rules: tuple[Rule, ...]
    sources: tuple[tuple[str, str], ...]
    day: date | None = None
    days: int | None = None
    begins: bool = True

    @property
    def status(self) -> str:
        """Return how well the entry itself was read, in words."""
        return plain(self.entry.status)

    @property
    def earliest(self) -> date | None:
        """Return the first day on which it may have held, None where none is known."""
        return None if self.entry.earliest == date.min else self.entry.earliest

    @property
    def begun(self) -> date | None:
        """Return the first day on which it surely held, None where none was read."""
        begun = self.entry.valid_from
        return None if begun in (date.min, date.max) else begun


@dataclass(frozen=True, kw_only=True)
class State:
    """The law of one state on one day; a tuple is empty where nothing is configured."""

    code: str
    nurses: Line | None
    assistants: tuple[Line, ...]
    telehealth: tuple[Line, ...]
    checks: tuple[Line, ...]

    @property
    def name(self) -> str:
        """Return the state's name."""
        return periods()[self.code][-1].state_name

    @property
    def lines(self) -> tuple[Line, ...]:
        """Return everything that is said of it."""
        return (*filter(None, (self.nurses,)), *self.assistants, *self.telehealth, *self.checks)


def plain(status: str) -> str:
    """Return the status of a row in the words that the sources have."""
    return status.replace("UNVERIFIED", "not verified").replace("VERIFIED", "verified")


def entries(rules: Iterable[Rule] | None = None) -> tuple[Entry, ...]:
    """Return every dated entry: of the tables, and the dated parameters of the cards."""
    told = CATALOGUE.values() if rules is None else rules
    return (*calendar.all_entries(), *(entry for rule in told for entry in _of_parameters(rule)))


def by_standing(day: date) -> dict[str, list[Line]]:
    """Return the federal entries and parameters by what can be said of them on ``day``."""
    found: dict[str, list[Line]] = {standing.value: [] for standing in Standing}
    for entry in entries():
        if entry.jurisdiction == FEDERAL:
            found[entry.standing_on(day).value].append(line(entry))
    return found


def changes(day: date, state: str = "") -> Iterator[Line]:
    """Yield what changes after ``day``, the next first; of a state only where it is ``state``."""
    for turn in calendar.changes_after(day, entries()):
        if state and turn.entry.jurisdiction not in (FEDERAL, state):
            continue
        yield line(turn.entry, day=turn.day, days=(turn.day - day).days, begins=turn.begins)


def states(day: date, only: str = "") -> list[State]:
    """Return the law of every state on ``day``, or of ``only`` one, in order of their names."""
    wanted = (only,) if only else periods()
    found = [_state(code, day) for code in wanted]
    return sorted(found, key=lambda state: state.name)


def line(entry: Entry, rules: Iterable[Rule] | None = None, **turn: object) -> Line:
    """Return an entry as a page shows it."""
    told = CATALOGUE.values() if rules is None else rules
    moved = tuple(rule for rule in told if moves(entry, rule))
    return Line(entry=entry, rules=moved, sources=_sources(entry, moved), **turn)


def moves(entry: Entry, rule: Rule) -> bool:
    """Return whether what a rule says turns on ``entry``, by the rule's own card."""
    if entry.table == PARAMETERS:
        return entry.topic == rule.name
    cited = {citation.key for citation in rule.citations}
    looked_up = entry.table in rule.references and entry.table != MANY_TOPICS
    return looked_up or not cited.isdisjoint(entry.cited_as)


def _sources(entry: Entry, rules: Iterable[Rule]) -> tuple[tuple[str, str], ...]:
    """Return title and status of each source; those of a parameter are its rule's citations."""
    if entry.table == PARAMETERS:
        cited = {citation.key: citation for rule in rules for citation in rule.citations}
        return tuple((cited[k].title, cited[k].status.value) for k in entry.cited_as if k in cited)
    named = {key: {"title": key, "status": OF_THE_HOUSE} for key in entry.source.split(";")}
    told = (SOURCES.get(key, source) for key, source in named.items())
    return tuple((source["title"], source["status"]) for source in told)


def _of_parameters(rule: Rule) -> Iterator[Entry]:
    for name, parameter in rule.parameters.items():
        if parameter.valid_from or parameter.valid_to:
            yield _of_parameter(rule, name, parameter)


def _of_parameter(rule: Rule, name: str, parameter: Parameter) -> Entry:
    value = f"{parameter.comparison} {parameter.default:,} {parameter.unit}".strip()
    begins = parameter.valid_from or date.min
    return Entry(
        table=PARAMETERS,
        topic=rule.name,
        jurisdiction=FEDERAL,
        case=name,
        kind=Kind.RULE,
        earliest=begins,
        valid_from=begins,
        valid_to=parameter.valid_to,
        schedules=(),
        modalities=(),
        what=f"{rule.number}, {parameter.meaning.lower()}: {value}",
        note="",
        cited_as=tuple(filter(None, (parameter.citation,))),
        source="",
        status=parameter.basis.value,
    )


def _state(code: str, day: date) -> State:
    standing = (Standing.IN_FORCE, Standing.UNKNOWN)
    mine = [
        line(entry)
        for entry in calendar.all_entries()
        if entry.jurisdiction == code and entry.standing_on(day) in standing
    ]
    period = authority(code, day)
    by_table = {
        table: tuple(each for each in mine if each.entry.table == table)
        for table in ("pa_authority", "state_telehealth", "pdmp_mandates")
    }
    return State(
        code=code,
        nurses=line(_of_nurses(period)) if period else None,
        assistants=by_table["pa_authority"],
        telehealth=by_table["state_telehealth"],
        checks=by_table["pdmp_mandates"],
    )


def _of_nurses(period: Authority) -> Entry:
    """Return what a state says of nurse practitioners, dated or not."""
    begins = period.valid_from or date.min
    return Entry(
        table="np_authority",
        topic="np_authority",
        jurisdiction=period.state,
        case="",
        kind=Kind.LAW,
        earliest=begins,
        valid_from=begins,
        valid_to=period.valid_to,
        schedules=(),
        modalities=(),
        what=calendar.CATEGORY_WORDS[period.category].capitalize(),
        note=period.condition,
        cited_as=(),
        source=period.source,
        status=period.status,
    )
