"""A rule as SQL that an auditor can read and run without the product."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import sqlglot
from duckdb import DuckDBPyConnection
from ibis.backends.duckdb import Backend
from sqlglot import exp

from .. import editions, engine, enrichment, snapshots
from ..catalogue import CATALOGUE
from ..in_force import InForce, settings_of
from ..ledger import sql
from ..models import Evaluation, ParameterSet
from ..rule import Records, Rule
from . import periods
from .answering import answers_sql

DIALECT = "duckdb"
MADE = "CREATE OR REPLACE TEMP TABLE"
PREFACE = """\
-- {number} {title}
-- {name}, its text SHA-256 {digest}
--
-- The expression of the rule with its parameters in force, as of {as_of}, for DuckDB. The last
-- statement gives what the product keeps: every subject of the population with its answer.
-- It reads: {tables}.
-- Write these tables, as the rules see them, and run this file on them:
--
--   .venv/bin/python manage.py export tables --rule {number} --output {number}.duckdb
--   duckdb {number}.duckdb < {name}.sql
--
-- or in Python: duckdb.connect("{number}.duckdb").sql(open("{name}.sql").read())
"""


@dataclass(frozen=True, kw_only=True)
class Statements:
    """The whole script of a rule, and the tables that it reads."""

    text: str
    tables: tuple[str, ...]


class _Noting:
    """A connection to the engine that notes what it is told."""

    def __init__(self, connection: DuckDBPyConnection):
        self.connection = connection
        self.told: list[str] = []

    def execute(self, query: str, *rest: object) -> DuckDBPyConnection:
        """Note and run ``query``."""
        self.told.append(query)
        return self.connection.execute(query, *rest)

    def __getattr__(self, name: str) -> object:
        return getattr(self.connection, name)


@lru_cache(maxsize=128)
def statements(name: str, as_of: date, values: str = "") -> Statements:
    """Return the SQL of the rule called ``name``, made once: it changes with these alone.

    ``values`` is the digest of the changed parameters, empty where there are none. It is
    compiled against the declared columns; no record is read.
    """
    entries = ParameterSet.objects.get(pk=values).entries if values else ()
    in_force = settings_of(CATALOGUE[name], entries)
    with engine.connect(snapshots.web_limits()) as backend:
        records = enrichment.enrich(backend, snapshots.views(None), (), as_of)
        return compiled(backend, in_force, records)


def statements_of(evaluation: Evaluation, rule: Rule) -> Statements:
    """Return the SQL of ``rule`` as it was put in ``evaluation``."""
    return statements(rule.name, evaluation.as_of, evaluation.parameter_set_id or "")


def compiled(backend: Backend, in_force: InForce, records: Records) -> Statements:
    """Return the SQL of a rule over ``records``, which stand in the engine."""
    rule = in_force.rule
    with _noted(backend) as told:
        findings = periods.find(in_force, records)
    steps = [_plain(step) for step in told if step.startswith(MADE)]
    for part in ("population", "occurrences", "unusable"):
        query = engine.sql_of(getattr(findings, part))
        steps.append(_plain(f"{MADE} {part} AS {query}"))
    answers = answers_sql(tuple(rule.definitions))
    steps.append(_plain(f"SELECT * FROM ({answers}) AS answers ORDER BY subject_id"))
    tables = tuple(sorted(_read_by(steps)))
    preface = PREFACE.format(
        number=rule.number,
        title=rule.title,
        name=rule.name,
        digest=rule.text_digest,
        as_of=records.as_of,
        tables=", ".join(tables),
    )
    texts = (step.sql(dialect=DIALECT, pretty=True) for step in steps)
    return Statements(text=preface + "".join(f"\n{text};\n" for text in texts), tables=tables)


@contextmanager
def _noted(backend: Backend) -> Iterator[list[str]]:
    """Yield the list of what the engine is told meanwhile: rules let shared tables be made."""
    noting = _Noting(backend.con)
    backend.con = noting
    try:
        yield noting.told
    finally:
        backend.con = noting.connection


def _plain(query: str) -> exp.Expression:
    """Return a statement whose tables stand without the name of the engine's own database."""
    parsed = sqlglot.parse_one(query, read=DIALECT)
    for table in parsed.find_all(exp.Table):
        table.set("db", None)
        table.set("catalog", None)
    return parsed


def _read_by(steps: Iterable[exp.Expression]) -> set[str]:
    """Return the tables that the steps read and do not make."""
    read: set[str] = set()
    made: set[str] = set()
    for step in steps:
        made |= {part.alias for part in step.find_all(exp.CTE)}
        if isinstance(step, exp.Create):
            made.add(step.this.name)
        read |= {table.name for table in step.find_all(exp.Table) if table.name}
    return read - made


def write_tables(evaluation: Evaluation, rule: Rule, into: Path) -> int:
    """Write the tables that the SQL of ``rule`` reads to a new DuckDB file; return their rows.

    They are as the rule saw them in ``evaluation``: its snapshot, its as-of date.
    """
    limits, meant = snapshots.worker_limits(), editions.meaning(evaluation)
    with snapshots.opened(evaluation.snapshot, evaluation.as_of, limits, **meant) as opened:
        tables = statements_of(evaluation, rule).tables
        return copy(opened.backend, tables, into)


def copy(backend: Backend, tables: Iterable[str], into: Path) -> int:
    """Copy ``tables`` of the engine to a new DuckDB file; return the number of their rows."""
    backend.con.execute(f"ATTACH {sql.text(into)} AS taken")
    rows = 0
    for table in map(sql.name, tables):
        copied = backend.con.execute(f"CREATE TABLE taken.{table} AS FROM {table}")
        rows += copied.fetchall()[0][0]
    backend.con.execute("DETACH taken")
    return rows
