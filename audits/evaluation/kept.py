"""What a rule about prescribers keeps of its records, to answer for all from some.

A prescriber's answer needs all the prescriber's patients. But what was read of those whom a
change did not touch is as it was: it is kept, patient by patient, beside the answers, and the
next evaluation reads the records of the touched alone.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ibis.backends.duckdb import Backend

from .. import engine
from ..ledger.sql import parquet
from ..rule import Records, Rule
from ..snapshots import kept_part
from . import periods
from .scope import Touched

Before = tuple[Path, Touched]  # the folder that is built upon, and the patients touched since


def with_kept(
    backend: Backend, rule: Rule, records: Records, *, before: Before | None, into: Path
) -> Records:
    """Return ``records`` with the parts of everybody that the rule keeps, written to ``into``.

    The parts of whoever is not among the touched patients of ``before`` come from its folder.
    None: ``records`` are of everybody.
    """
    parts = {}
    for name, fresh in _fresh(rule, records).items():
        query = fresh
        if before is not None:
            folder, since = before
            query = (
                f"SELECT * FROM ({fresh}) WHERE patient_key IN ({since.subjects}) "
                f"UNION ALL BY NAME SELECT * FROM {parquet(kept_part(folder, name))} "
                f"WHERE patient_key NOT IN ({since.subjects})"
            )
        # Of another rule it would be another table: what is made of it goes by its name.
        parts[name] = engine.store(backend, f"kept_{rule.name}_{name}", query)
        engine.write(backend, parts[name], kept_part(into, name))
    return replace(records, kept=parts)


def touched(backend: Backend, rule: Rule, records: Records, before: Before) -> Touched | None:
    """Return the subjects of whom a part that the rule keeps was touched, then or now.

    None where the rule compares them with others, so that all are.
    """
    if rule.compared:
        return None
    folder, since = before
    then = [parquet(kept_part(folder, name)) for name in rule.keeps]
    now = [f'"{part.get_name()}"' for part in records.kept.values()]
    parts = " UNION ALL BY NAME ".join(
        f"SELECT subject_id FROM {part} WHERE patient_key IN ({since.subjects})"
        for part in (*then, *now)
    )
    subjects = f"touched_by_{rule.name}"
    engine.store(
        backend, subjects, f"SELECT DISTINCT split_part(subject_id, '|', 1) FROM ({parts})"
    )
    return replace(since, subjects=f"FROM {subjects}")


def is_whole(rule: Rule, folder: Path) -> bool:
    """Return whether an evaluation can build upon what was kept in ``folder``."""
    return all(kept_part(folder, name).exists() for name in rule.keeps)


def _fresh(rule: Rule, records: Records) -> Mapping[str, str]:
    """Return the SQL of what the rule keeps of these ``records``."""
    asked = rule.expression, tuple(rule.keeps), periods.shape(records)
    return records.planned(
        asked, lambda: {name: derive(records) for name, derive in rule.keeps.items()}
    )
