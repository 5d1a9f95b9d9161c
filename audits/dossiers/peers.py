"""How a prescriber compares with his peers, and the members of a peer group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from secrets import token_hex

from .. import editions, engine, peers, snapshots
from ..ledger.sql import text
from .basis import Basis, reading


@dataclass(frozen=True, kw_only=True)
class Line:
    """One measure of one prescriber beside his group.

    ``value`` is None where it cannot be known, ``spread`` where the group has too few values
    (``valued`` of them) or is none, ``position`` where either is.
    """

    measure: peers.Measure
    value: Fraction | None
    spread: peers.Spread | None
    position: peers.Position | None
    valued: int


@dataclass(frozen=True, kw_only=True)
class Window:
    """The days up to and with the as-of date in which prescriptions are counted."""

    days: int
    first: date
    last: date


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One prescriber in one window: with whom he is compared and, if with anybody, how.

    ``counts`` are what he wrote, by the names of ``peers.COUNTS``.
    """

    window: Window
    person: peers.Person
    choice: peers.Choice
    counts: Mapping[str, int]
    lines: Sequence[Line]


@dataclass(frozen=True, kw_only=True)
class PeerGroup:
    """A peer group in one window with the counts of everybody in it.

    Whether it has enough members for any comparison is ``group.is_enough``.
    """

    window: Window
    group: peers.Group
    counts: Mapping[str, Mapping[str, int]]

    @cached_property
    def spreads(self) -> Mapping[str, peers.Spread | None]:
        """Return the spread of each measure; None where fewer than the least have a value."""
        return {
            name: peers.spread_of(self.values(name).values()) if self.group.is_enough else None
            for name in peers.MEASURES
        }

    def values(self, name: str) -> dict[str, Fraction]:
        """Return the value of a measure for every member who has one."""
        measure = peers.MEASURES[name]
        found = {
            person.key: measure.value(self.counts[person.key]) for person in self.group.members
        }
        return {key: value for key, value in found.items() if value is not None}

    def funnel(self, name: str) -> peers.Funnel | None:
        """Return the funnel of a share over the members; None where the group is too small."""
        if not self.group.is_enough:
            return None
        measure, everybody = peers.MEASURES[name], (*self.group.members, *self.group.below)
        counts = [(person.key, self.counts[person.key]) for person in everybody]
        return peers.funnel_of(
            peers.Counted(key=key, count=of[measure.numerator], of=of[measure.denominator])
            for key, of in counts
        )


def keep_counts(opened: snapshots.Opened, evaluation: int) -> None:
    """Count for everybody once and keep it beside the answers of the evaluation.

    Two that do so at once write the same; each file appears whole.
    """
    path = _file(evaluation)
    made = path.with_name(f"{token_hex(8)}.parquet")
    engine.write(opened.backend, peers.counted(opened.records), made)
    made.replace(path)


def compared_with_peers(basis: Basis, key: str) -> Sequence[Compared]:
    """Return how the prescriber of ``key`` compares in each window; raises UnreadableError."""
    himself = f"prescriber_key = {text(key)}"
    alike = f"role_group IN (SELECT role_group FROM c WHERE {himself})"
    rows = _counts(basis, f"{alike} OR {himself}")
    mine = {row["days"]: row for row in rows if row["prescriber_key"] == key}
    return [_compared(basis, key, days, mine, rows) for days in peers.WINDOWS]


def peer_group(basis: Basis, role_group: str, state: str, days: int) -> PeerGroup | None:
    """Return a role group in a state, or everywhere where ``state`` is empty.

    None where nobody of it wrote anything in the window. Raises UnreadableError.
    """
    rows = _counts(basis, f"days = {int(days)} AND role_group = {text(role_group)}")
    found = _group(basis, days, rows, role_group, state)
    return found if found.group.members or found.group.below else None


def _file(evaluation: int) -> Path:
    return snapshots.evidence_folder(evaluation, "peers") / "counts.parquet"


def _counts(basis: Basis, condition: str) -> list[dict]:
    """Return the rows of ``peers.counted`` that meet a condition (SQL), counting if need be."""
    path = _file(basis.evaluation)
    with reading(basis.snapshot):
        if not path.exists():
            limits, meant = snapshots.web_limits(), editions.meaning(basis.published)
            with snapshots.opened(basis.snapshot, basis.as_of, limits, **meant) as opened:
                keep_counts(opened, basis.evaluation)
        with engine.connect(snapshots.web_limits()) as backend:
            engine.view(backend, "c", f"SELECT * FROM read_parquet({text(str(path))})")
            rows = engine.rows(backend, f"SELECT * FROM c WHERE {condition} ORDER BY days")
    return [row | {name: int(row[name]) for name in peers.COUNTS} for row in rows]


def _window(basis: Basis, days: int) -> Window:
    return Window(days=days, first=basis.as_of - timedelta(days=days - 1), last=basis.as_of)


def _person(row: Mapping) -> peers.Person:
    return peers.Person(
        key=row["prescriber_key"],
        role_group=row["role_group"],
        state=row["state"],
        controlled=row["controlled"],
    )


def _group(
    basis: Basis, days: int, rows: Sequence[Mapping], role_group: str, state: str
) -> PeerGroup:
    here = [row for row in rows if row["days"] == days]
    return PeerGroup(
        window=_window(basis, days),
        group=peers.group_of(map(_person, here), role_group, state),
        counts={row["prescriber_key"]: row for row in here},
    )


def _compared(
    basis: Basis, key: str, days: int, mine: Mapping[int, Mapping], rows: Sequence[Mapping]
) -> Compared:
    """Return the comparison in one window; who wrote nothing in it is there with zeros."""
    known = {"role_group": None, "state": None, **next(iter(mine.values()), {})}
    nothing = known | {"prescriber_key": key, "days": days} | dict.fromkeys(peers.COUNTS, 0)
    own = mine.get(days, nothing)
    person = _person(own)
    everybody = [_person(row) for row in rows if row["days"] == days]
    choice = peers.choose(person, everybody)
    group = choice.group and _group(basis, days, rows, choice.group.role_group, choice.group.state)
    return Compared(
        window=_window(basis, days),
        person=person,
        choice=choice,
        counts=own,
        lines=[_line(measure, own, group) for measure in peers.MEASURES.values()] if group else [],
    )


def _line(measure: peers.Measure, own: Mapping[str, int], group: PeerGroup) -> Line:
    value, spread = measure.value(own), group.spreads[measure.name]
    is_placed = spread is not None and value is not None
    return Line(
        measure=measure,
        value=value,
        spread=spread,
        position=peers.position_in(spread, value) if is_placed else None,
        valued=len(group.values(measure.name)),
    )
