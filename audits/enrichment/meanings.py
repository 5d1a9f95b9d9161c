"""Whom a row's numbers stand for where people here said so, and nothing held tells.

It goes by the key that the records themselves give a row, so that rows of one key stay
together: a mapping joins two keys on the days it holds. What the records tell is never
overridden: a number that practitioners' records list is theirs, and a row that names
another number itself keeps it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import BooleanValue, Table

from .. import engine
from ..derived import built_once
from ..reference.numbers import KINDS, PHARMACIES, PRESCRIBERS, NumberMeaning, kind_of

COLUMNS = {
    "mapped_number": "VARCHAR",
    "means": "VARCHAR",
    "means_kind": "VARCHAR",
    "means_from": "DATE",
    "means_to": "DATE",
}
KEYS = {PRESCRIBERS: "prescriber_key", PHARMACIES: "pharmacy_key"}
MARKS = {PRESCRIBERS: "prescriber_mapped", PHARMACIES: "pharmacy_mapped"}


def meant(backend: Backend, rows: Table, practitioners: Table, entries: Iterable[Mapping]) -> Table:
    """Return keyed, dated ``rows`` with the keys that ``entries`` give them.

    Added: ``prescriber_mapped`` and ``pharmacy_mapped``, whether a mapping gave the key.
    """
    said = [NumberMeaning.of_entry(entry) for entry in entries]
    listed = _listed(backend, practitioners, said)
    for whose in KEYS:
        mine = [each for each in said if each.whose == whose and each.number not in listed]
        if not mine:
            rows = _unmapped(rows, MARKS[whose])
            continue
        table = engine.load(backend, f"meanings_of_{whose}", list(map(_row, mine)), COLUMNS)
        rows = _mapped(rows, table, whose)
    return rows


@built_once
def _unmapped(rows: Table, mark: str) -> Table:
    return rows.mutate(**{mark: ibis.literal(False)})


@built_once
def _mapped(rows: Table, table: Table, whose: str) -> Table:
    """Return the rows with the keys that the entries in ``table`` give them on their days."""
    key = KEYS[whose]
    on_its_day = rows.event_date.between(table.means_from, table.means_to)
    told = rows.left_join(table, [rows[key] == table.mapped_number, on_its_day])
    fits = told.means.notnull() & ~_contradicts(told, whose)
    told = told.mutate(
        **{key: ibis.ifelse(fits, told.means, told[key]), MARKS[whose]: fits.fill_null(False)}
    )
    return told.drop(*COLUMNS)


def _row(said: NumberMeaning) -> dict:
    return {
        "mapped_number": said.number,
        "means": said.means,
        "means_kind": kind_of(said.means),
        "means_from": said.valid_from,
        "means_to": said.valid_to or date.max,
    }


def _listed(backend: Backend, practitioners: Table, said: Sequence[NumberMeaning]) -> set[str]:
    """Return those prescribers' numbers that practitioners' records list as somebody's NPI."""
    numbers = [each.number for each in said if each.whose == PRESCRIBERS]
    if not numbers:
        return set()
    found = practitioners.filter(practitioners.npi.isin(numbers)).select("npi").distinct()
    return {row["npi"] for row in engine.rows(backend, found)}


def _contradicts(told: Table, whose: str) -> BooleanValue:
    """Return whether a row itself names another number than the mapping gives it."""
    if whose == PRESCRIBERS:
        return (told.dea_npi != told.means).fill_null(False)
    found = ibis.literal(False)
    for kind in KINDS:
        own = told[f"pharmacy_{kind}"]
        other = (own != told.means) & (own != told.pharmacy_key)
        found |= (told.means_kind == kind) & other.fill_null(False)
    return found
