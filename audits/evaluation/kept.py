"""What a rule that compares prescribers keeps of its records, to answer for all from some.

Where a line depends on everybody, everybody is asked again after each change. But what was
read of those whom the change did not touch is as it was: it is kept beside the answers, and
the next evaluation reads the records of the touched alone.
"""

from dataclasses import replace
from pathlib import Path

from ibis.backends.duckdb import Backend

from .. import engine
from ..ledger.sql import parquet
from ..rule import Records, Rule
from ..snapshots import kept_part
from . import periods


def with_kept(
    backend: Backend,
    rule: Rule,
    records: Records,
    *,
    before: tuple[Path, str] | None,
    into: Path,
) -> Records:
    """Return ``records`` with the parts of everybody that the rule keeps, written to ``into``.

    ``before`` is the folder of the evaluation that is built upon and the SQL of the
    prescribers whom the change touched: the parts of all others come from that folder.
    None: ``records`` are of everybody.
    """
    parts = {}
    asked = rule.expression, tuple(rule.keeps), periods.shape(records)
    told = records.planned(
        asked, lambda: {name: derive(records) for name, derive in rule.keeps.items()}
    )
    for name, fresh in told.items():
        query = fresh
        if before is not None:
            folder, touched = before
            of_touched = f"JOIN ({touched}) t ON p.prescriber_key = t.prescriber"
            query = (
                f"SELECT p.* FROM ({fresh}) p SEMI {of_touched} UNION ALL BY NAME "
                f"SELECT p.* FROM {parquet(kept_part(folder, name))} p ANTI {of_touched}"
            )
        # Of another rule it would be another table: what is made of it goes by its name.
        parts[name] = engine.store(backend, f"kept_{rule.name}_{name}", query)
        engine.write(backend, parts[name], kept_part(into, name))
    return replace(records, kept=parts)


def is_whole(rule: Rule, folder: Path) -> bool:
    """Return whether an evaluation can build upon what was kept in ``folder``."""
    return all(kept_part(folder, name).exists() for name in rule.keeps)
