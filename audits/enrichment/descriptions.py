"""What the records call their drugs: each way of saying it once, with how often and when."""

from collections.abc import Iterator
from hashlib import sha256

from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from .. import engine
from ..reference import drugs
from ..reference.drugs import DrugIdentity
from .prescriptions import dated

NAMED = ("ndc11", "rxcui", "drug_name", "ingredients")
UNMATCHED_COLUMNS = {
    "place": "BIGINT",
    "key": "VARCHAR",
    **dict.fromkeys(NAMED, "VARCHAR"),
    "rows": "BIGINT",
    "first_on": "DATE",
    "last_on": "DATE",
    "sources": "VARCHAR",
}
KEY = 32  # hex digits


def unmatched_descriptions(backend: Backend, prescriptions: Table) -> Table:
    """Return the descriptions that no reference table knows, the most frequent first.

    Columns: place (1, 2, ...), key (hex digits that stand for the description), NAMED as the
    source wrote them (null where it wrote nothing), rows, first_on and last_on (event dates)
    and sources (joined by ``;``). Rows of animals are left out, as in every evaluation.
    """
    p = dated(prescriptions)
    said = p.group_by(list(NAMED)).agg(
        rows=p.count(),
        first_on=p.event_date.min(),
        last_on=p.event_date.max(),
        sources=p.source_system.collect(distinct=True).sort().join(";"),
    )
    found = sorted(_unknown(engine.rows(backend, said)), key=lambda row: (-row["rows"], row["key"]))
    placed = [{**row, "place": place} for place, row in enumerate(found, 1)]
    return engine.load(backend, "unmatched", placed, UNMATCHED_COLUMNS)


def _unknown(said: list[dict]) -> Iterator[dict]:
    """Yield the descriptions that mean no drug, with their keys.

    What else a row says of its drug (strength, form, route) never makes it known.
    """
    for row in said:
        told = {name: row[name] for name in NAMED}
        if drugs.match(DrugIdentity(**told)) is None:
            words = "\x1f".join(told[name] or "" for name in NAMED)
            yield {**row, "key": sha256(words.encode()).hexdigest()[:KEY]}
