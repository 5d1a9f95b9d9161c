"""What the records call their drugs: each way of saying it once, with how often and when."""

from collections.abc import Iterator
from hashlib import sha256

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from .. import engine
from ..reference import drugs
from ..reference.directory import SHIPPED, Directory
from ..reference.drugs import DrugIdentity
from .prescriptions import dated

NAMED = ("ndc11", "rxcui", "drug_name", "ingredients")
KEYS = {"said_at": "BIGINT", "key": "VARCHAR"}
KEY = 32  # hex digits
AT_ONCE = 5_000


def unmatched_descriptions(
    backend: Backend, prescriptions: Table, directory: Directory = SHIPPED
) -> Table:
    """Return the descriptions that no reference table knows, the most frequent first.

    Columns: place (1, 2, ...), key (hex digits that stand for the description), NAMED as the
    source wrote them (null where it wrote nothing), rows, first_on and last_on (event dates)
    and sources (joined by ``;``). Rows of animals are left out, as in every evaluation.
    ``directory`` says what NDCs mean. However many descriptions there are, only some of them
    are in this process at a time.
    """
    said = engine.store(backend, "said", _said(dated(prescriptions)))
    unknown = engine.load(backend, "unknown", [], KEYS)
    for begin in range(0, engine.rows(backend, said.count().as_table())[0].popitem()[1], AT_ONCE):
        some = said.filter(said.said_at >= begin, said.said_at < begin + AT_ONCE)
        engine.append(
            backend, "unknown", list(_unknown(engine.rows(backend, some), directory)), KEYS
        )
    found = unknown.join(said, "said_at")
    order = ibis.window(order_by=found.said_at)
    return found.mutate(place=ibis.row_number().over(order) + 1).drop("said_at")


def _said(p: Table) -> Table:
    """Return each description once, with its place by frequency from 0 (``said_at``).

    By source first: sums can be put aside where memory is short, lists of sources cannot.
    """
    told = p.group_by([*NAMED, "source_system"]).agg(
        rows=p.count(), first_on=p.event_date.min(), last_on=p.event_date.max()
    )
    said = told.group_by(list(NAMED)).agg(
        # The engine's sum of whole numbers is wider than a file can hold; this is exact to 2**53.
        rows=(told.rows.sum() / 1).round().cast("int64"),
        first_on=told.first_on.min(),
        last_on=told.last_on.max(),
        sources=told.source_system.group_concat(sep=";", order_by=told.source_system),
    )
    order = [said.rows.desc(), *(said[name].asc(nulls_first=True) for name in NAMED)]
    return said.mutate(said_at=ibis.row_number().over(ibis.window(order_by=order)))


def _unknown(said: list[dict], directory: Directory) -> Iterator[dict]:
    """Yield place and key of the descriptions that mean no drug.

    What else a row says of its drug (strength, form, route) never makes it known.
    """
    for row in said:
        told = {name: row[name] for name in NAMED}
        if drugs.match(DrugIdentity(**told), directory) is None:
            words = "\x1f".join(told[name] or "" for name in NAMED)
            yield {"said_at": row["said_at"], "key": sha256(words.encode()).hexdigest()[:KEY]}
