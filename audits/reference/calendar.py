"""What the law and the authorities said on a day: one calendar over every dated table."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from .loading import made_of, rows

FEDERAL = "US"
UNVERIFIED = "UNVERIFIED"
OPEN = "open"
# Written as calendars; the other two become one here, with the rows that have a day only.
CALENDARS = ("legal_calendar", "state_telehealth", "pdmp_mandates", "pa_authority")
DATED = (*CALENDARS, "schedules", "np_authority")
DAY = timedelta(days=1)
TITLES = {
    "in_person_evaluation": "In-person evaluation",
    "telehealth_flexibility": "Telehealth flexibilities",
    "buprenorphine_telehealth": "Buprenorphine by telehealth",
    "va_continuity": "Veterans' Affairs",
    "special_registration": "Special registrations",
    "ketamine_schedule": "Ketamine, schedule",
    "ketamine_warning": "Ketamine, warnings",
    "esketamine_rems": "Esketamine",
    "schedule_ii_telehealth": "Schedule II by telehealth",
    "audio_only_telehealth": "Telephone only",
    "pdmp_check": "Look into the monitoring program",
    "pa_agreement": "Physician assistants",
    "schedule": "Schedules",
    "np_authority": "Nurse practitioners",
}
CATEGORY_WORDS = {
    "full": "full practice",
    "full_conditional": "full practice after a period of supervised work",
    "reduced": "reduced practice: a collaborative agreement is required",
    "restricted": "restricted practice: supervision or delegation is required",
}


class Kind(StrEnum):
    """What sort of thing an entry is; a lapse says that what came before has ended."""

    LAW = "law"
    RULE = "rule"
    TEMPORARY = "temporary"
    LAPSE = "lapse"
    PROPOSAL = "proposal"
    WARNING = "warning"
    PROGRAMME = "programme"


class Standing(StrEnum):
    """What can be said of an entry on a day."""

    IN_FORCE = "in_force"
    PROPOSED = "proposed"
    LATER = "later"
    OVER = "over"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row of a dated table; both days belong to its period, None where it is open.

    ``valid_from`` is the first day on which it surely held and ``earliest`` the first on which
    it may have, the same where its day was read. ``case`` tells entries of one topic and place
    apart that hold side by side; ``cited_as`` are keys of citations, ``source`` keys of the
    table ``sources``, joined by ``;``.
    """

    table: str
    topic: str
    jurisdiction: str
    case: str
    kind: Kind
    earliest: date
    valid_from: date
    valid_to: date | None
    schedules: tuple[str, ...]
    modalities: tuple[str, ...]
    what: str
    note: str
    cited_as: tuple[str, ...]
    source: str
    status: str

    @property
    def title(self) -> str:
        """Return what it is about as words for a page."""
        return TITLES.get(self.topic, self.topic)

    @property
    def is_fact(self) -> bool:
        """Return whether some source was read for it; what was not is never judged by."""
        return not self.status.startswith(UNVERIFIED)

    @property
    def is_dated(self) -> bool:
        """Return whether the day it began was read."""
        return self.earliest == self.valid_from

    @property
    def ended_on(self) -> date | None:
        """Return the first day on which it holds no more, None where no end is known."""
        return self.valid_to + DAY if self.valid_to else None

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Return what only one entry at a time may speak of."""
        return self.table, self.topic, self.jurisdiction, self.case

    def standing_on(self, day: date) -> Standing:
        """Return whether it held on ``day``; UNKNOWN where no source that was read tells."""
        if day < self.earliest:
            return Standing.LATER
        if self.valid_to and day > self.valid_to:
            return Standing.OVER
        if not self.is_fact or day < self.valid_from:
            return Standing.UNKNOWN
        return Standing.PROPOSED if self.kind is Kind.PROPOSAL else Standing.IN_FORCE


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A day on which an entry begins to hold, or (``begins`` false) holds no more."""

    day: date
    entry: Entry
    begins: bool


@made_of(*DATED)
def all_entries() -> tuple[Entry, ...]:
    """Return the entries of every table."""
    written = (entry for table in CALENDARS for entry in _written(table))
    return (*written, *_of_schedules(), *_of_authority())


def in_force(topic: str, day: date, jurisdiction: str = FEDERAL) -> tuple[Entry, ...]:
    """Return what surely held of ``topic`` on ``day``, in table order; never a proposal or lapse.

    An empty answer means that nothing held only where ``unsettled`` is empty too. Raises
    KeyError for a topic that no table has.
    """
    found = _of(topic, jurisdiction, day, Standing.IN_FORCE)
    return tuple(entry for entry in found if entry.kind is not Kind.LAPSE)


def unsettled(topic: str, day: date, jurisdiction: str = FEDERAL) -> tuple[Entry, ...]:
    """Return the entries of which no source that was read tells whether they held on ``day``."""
    return _of(topic, jurisdiction, day, Standing.UNKNOWN)


def changes_after(day: date, entries: Iterable[Entry] | None = None) -> tuple[Turn, ...]:
    """Return every turn of ``entries`` (those of all tables) after ``day``, the next first.

    Where another entry of the same place follows at once, only its beginning is a turn.
    What was not verified and days that were not read turn nothing.
    """
    known = [entry for entry in (all_entries() if entries is None else entries) if entry.is_fact]
    begun = [_turn(entry.valid_from, entry) for entry in known if entry.is_dated]
    followed = {(turn.entry.place, turn.day) for turn in begun}
    ended = [
        _turn(entry.ended_on, entry, begins=False)
        for entry in known
        if entry.ended_on and (entry.place, entry.ended_on) not in followed
    ]
    return tuple(sorted((t for t in begun + ended if t.day > day), key=lambda turn: turn.day))


def _turn(day: date, entry: Entry, *, begins: bool = True) -> Turn:
    return Turn(day=day, entry=entry, begins=begins)


def _of(topic: str, jurisdiction: str, day: date, standing: Standing) -> tuple[Entry, ...]:
    if topic not in TITLES:
        raise KeyError(f"no dated table has the topic {topic}")
    return tuple(
        entry
        for entry in all_entries()
        if (entry.topic, entry.jurisdiction) == (topic, jurisdiction)
        and entry.standing_on(day) is standing
    )


def _written(table: str) -> Iterator[Entry]:
    """Yield the entries of a table that is written as a calendar."""
    for row in rows(table):
        begins = _day(row["valid_from"], date.min)
        yield _entry(
            row,
            table=table,
            topic=row["topic"],
            jurisdiction=row["jurisdiction"],
            case=row["case"],
            kind=Kind(row["kind"]),
            earliest=_day(row["perhaps_from"], begins),
            valid_from=_begin(row, begins),
            schedules=_listed(row["schedules"]),
            modalities=_listed(row.get("modalities", "")),
            what=row["what"],
            note=row["note"],
            cited_as=_listed(row["cited_as"]),
        )


def _begin(row: Mapping[str, str], begins: date) -> date:
    """Return the first sure day: never, where not even a day by which it held was read."""
    return date.max if row["perhaps_from"] and not row["valid_from"] else begins


def _of_schedules() -> Iterator[Entry]:
    for row in rows("schedules"):
        if row["valid_from"] or row["valid_to"]:
            begins = _day(row["valid_from"], date.min)
            yield _entry(
                row,
                table="schedules",
                topic="schedule",
                jurisdiction=FEDERAL,
                case=f"{row['ingredient']} {row['product']}",
                kind=Kind.RULE,
                earliest=begins,
                valid_from=begins,
                schedules=(row["schedule"],),
                what=f"{row['ingredient'].capitalize()} ({row['product']}) is in schedule "
                f"{row['schedule']}",
                note=row["note"],
            )


def _of_authority() -> Iterator[Entry]:
    for row in rows("np_authority"):
        if row["valid_from"] or row["valid_to"]:
            begins = _day(row["valid_from"], date.min)
            yield _entry(
                row,
                table="np_authority",
                topic="np_authority",
                jurisdiction=row["state"],
                kind=Kind.LAW,
                earliest=begins,
                valid_from=begins,
                what=f"Nurse practitioners: {CATEGORY_WORDS[row['category']]}",
                note=row["condition"],
            )


def _entry(row: Mapping[str, str], **facts: object) -> Entry:
    """Return an entry with the cells that every table has, and what it has besides."""
    ends = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
    blank = {"case": "", "schedules": (), "modalities": (), "cited_as": ()}
    same = {"valid_to": ends, "source": row["source"], "status": row["status"]}
    return Entry(**{**blank, **facts, **same})


def _day(cell: str, blank: date) -> date:
    """Return the day in a cell: ``blank`` where it is empty, the first of all where it is open."""
    if cell == OPEN:
        return date.min
    return date.fromisoformat(cell) if cell else blank


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, cell.split(";")))
