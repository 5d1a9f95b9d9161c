"""Putting one rule to the records: answers for its population, and what is behind the flags."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import file_digest, sha256
from itertools import groupby
from pathlib import Path

from django.conf import settings
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from .. import engine, reference
from ..models import Evaluation
from ..models.reference_version import entries_of, fed_by, loaded_in
from ..rule import OCCURRENCE_COLUMNS, Findings, Rule
from ..vocabulary import Answer, Severity

FIRST_KEYS = 20
BATCH = 2_000
EVIDENCE = (
    "SELECT * FROM evidence ORDER BY subject_id, occurred_on, definition, "
    "source_system, source_record_id"
)
FACTS = Path(__file__).resolve().parent.parent / "enrichment"


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """One time the rule found what it looks for; (definition, occurred_on, digest) is its identity.

    ``digest`` is over the keys and contents of its records; ``shown`` are the rule's own
    columns by name.
    """

    definition: str
    occurred_on: date
    last_on: date
    value: int
    severity: str
    excluded_by: str | None
    digest: str
    records: int
    keys: tuple[str, ...]
    notes: tuple[str, ...]
    state: str
    prescriber: str
    shown: dict

    @property
    def identity(self) -> tuple[str, str, str]:
        """Return what a decision remembers of it."""
        return self.definition, self.occurred_on.isoformat(), self.digest


def digests(evaluation: Evaluation, rule: Rule) -> dict[str, str]:
    """Return what the answers of a rule in an evaluation depend on besides the records.

    It is split by what can change: text, enrichment, reference tables (of the loaded ones
    those that take the place of a table the rule names), parameters, the local mappings of drugs
    and of numbers (empty where there are none) and the set of factors.
    """
    shared = b"".join(path.read_bytes() for path in sorted(FACTS.glob("*.py")))
    loaded = loaded_in(entries_of(evaluation))
    names = [*sorted(rule.references), *fed_by(rule.references)]
    tables = "".join(loaded.get(name) or _shipped(name) for name in names)
    return {
        "text": rule.text_digest,
        "enrichment": sha256(shared).hexdigest(),
        "references": sha256(tables.encode()).hexdigest(),
        "parameters": evaluation.in_force(rule).digest,
        "mappings": evaluation.mapping_set_id or "",
        "numbers": evaluation.number_set_id or "",
        "mme_set": evaluation.mme_set,
    }


def _shipped(table: str) -> str:
    """Return the digest of a table as it ships, empty for one that does not."""
    return reference.digest(table) if table in reference.TABLES else ""


def folder(evaluation: int, rule: str) -> Path:
    """Return where the answers and the evidence of a rule are kept for an evaluation."""
    return Path(settings.LEDGER) / "evidence" / str(evaluation) / rule


def file_digests(of: Path, rule: Rule) -> dict[str, str]:
    """Return the SHA-256 of answers, evidence and what is kept in the folder of a rule."""
    digests = {}
    for name in ("answers", "evidence", *rule.keeps):
        with (of / f"{name}.parquet").open("rb") as file:
            digests[name] = file_digest(file, "sha256").hexdigest()
    return digests


def forget(evaluation: int) -> None:
    """Remove what an unfinished attempt of an evaluation left."""
    shutil.rmtree(Path(settings.LEDGER) / "evidence" / str(evaluation), ignore_errors=True)


def answer(
    backend: Backend,
    findings: Findings,
    *,
    precedence: Sequence[str],
    touched: str | None,
    former: Path | None,
    into: Path,
) -> dict[str, int]:
    """Compute ``findings``, write answers and evidence into ``into``, return subjects by answer.

    ``touched`` is a SQL condition on ``subject_id``; outside it the answers are those of
    the file ``former``. Both None: everybody is asked. ``precedence`` are the rule's
    definitions in their order: the earlier of equally grave ones speaks. Occurrences stay
    in the engine's table ``found`` for ``occurrences``.
    """
    findings = _computed(backend, findings, touched)
    engine.write(backend, EVIDENCE, into / "evidence.parquet")
    backend.con.execute(f"CREATE OR REPLACE TEMP TABLE found AS {_found_sql(findings)}")
    answers = answers_sql(precedence)
    if former is not None:
        answers = (
            f"SELECT * FROM read_parquet('{former}') WHERE NOT ({touched}) "
            f"UNION ALL BY NAME ({answers})"
        )
    engine.write(
        backend, f"SELECT * FROM ({answers}) ORDER BY subject_id", into / "answers.parquet"
    )
    counted = engine.rows(
        backend,
        "SELECT answer, count(*) AS n FROM "
        f"read_parquet('{into / 'answers.parquet'}') GROUP BY answer",
    )
    found = {row["answer"]: row["n"] for row in counted}
    return {"population": sum(found.values())} | {a.value: found.get(a.value, 0) for a in Answer}


def occurrences(backend: Backend) -> Iterator[tuple[str, list[Occurrence]]]:
    """Yield each subject with all its occurrences, subjects in order of their ids."""
    rows = _streamed(backend, "SELECT * FROM found ORDER BY subject_id, occurred_on, definition")
    for subject, mine in groupby(rows, key=lambda row: row["subject_id"]):
        yield subject, [_occurrence(row) for row in mine]


def _streamed(backend: Backend, sql: str) -> Iterator[dict]:
    """Yield rows batch by batch; the engine may not be asked anything else meanwhile."""
    cursor = backend.con.execute(sql)
    names = [column[0] for column in cursor.description]
    while batch := cursor.fetchmany(BATCH):
        for row in batch:
            yield dict(zip(names, row, strict=True))


def _occurrence(row: dict) -> Occurrence:
    fixed = {name: row[name] for name in OCCURRENCE_COLUMNS if name != "subject_id"}
    return Occurrence(
        **fixed,
        digest=row["digest"],
        records=row["records"],
        keys=tuple(row["keys"]),
        notes=tuple(row["note_words"]),
        state=row["most_state"] or "",
        prescriber=row["most_prescriber"] or "",
        shown={name: row[name] for name in row if name not in NOT_SHOWN},
    )


def _computed(backend: Backend, findings: Findings, touched: str | None) -> Findings:
    """Return the findings computed once, for the touched subjects only."""

    def stored(name: str, table: Table) -> Table:
        where = f" WHERE {touched}" if touched else ""
        return engine.store(backend, name, f"SELECT * FROM ({engine.sql_of(table)}){where}")

    return Findings(
        population=stored("population", findings.population),
        occurrences=stored("occurrences", findings.occurrences),
        evidence=stored("evidence", findings.evidence),
        unusable=stored("unusable", findings.unusable),
    )


def _found_sql(findings: Findings) -> str:
    """Return the SQL of the occurrences with the digest, number and first keys of their records."""
    key = "source_system || '/' || source_record_id"
    columns = findings.evidence.columns
    prescriber = (
        "mode(prescriber_key ORDER BY prescriber_key)"
        if "prescriber_key" in columns
        else "NULL::VARCHAR"
    )
    state = (
        "mode(patient_state ORDER BY patient_state)"
        if "patient_state" in columns
        else "NULL::VARCHAR"
    )
    return f"""
        SELECT o.*, e.digest, e.records, e.keys, e.note_words, e.most_state, e.most_prescriber
        FROM occurrences o JOIN (
            SELECT subject_id, definition, occurred_on,
                   sha256(string_agg(kind || chr(31) || source_system || chr(31)
                     || source_record_id || chr(31) || content_hash, chr(30)
                     ORDER BY kind, source_system, source_record_id, content_hash)) AS digest,
                   count(*) AS records,
                   list_slice(list(DISTINCT {key} ORDER BY {key}), 1, {FIRST_KEYS}) AS keys,
                   list_sort(list_filter(list_distinct(flatten(list(
                     string_split(coalesce(notes, ''), ';')))), lambda w: w <> '')) AS note_words,
                   {state} AS most_state, {prescriber} AS most_prescriber
            FROM evidence GROUP BY ALL) e
        USING (subject_id, definition, occurred_on)
    """


def answers_sql(precedence: Sequence[str]) -> str:
    """Return the SQL of every subject's answer; its figures are those of the worst occurrence."""
    places = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(precedence))
    worse = f"{GRAVITY} * {10**18} - (CASE definition {places} END) * {10**15} + value"
    return ANSWERS.replace("WORSE", worse)


GRAVITY = (
    "CASE severity " + " ".join(f"WHEN '{s.value}' THEN {s.gravity}" for s in Severity) + " END"
)
ANSWERS = f"""
    WITH worst AS (
        SELECT subject_id, excluded_by IS NOT NULL AS excluded,
               arg_max(severity, {GRAVITY}) AS severity,
               arg_max(value, WORSE) AS value,
               min(excluded_by) AS reason
        FROM occurrences GROUP BY ALL),
    unknown AS (SELECT subject_id, min(reason) AS reason FROM unusable GROUP BY ALL)
    SELECT p.subject_id,
           CASE WHEN f.subject_id IS NOT NULL THEN 'fired'
                WHEN s.subject_id IS NOT NULL THEN 'suppressed'
                WHEN u.subject_id IS NOT NULL THEN 'not_evaluable' ELSE 'clear' END AS answer,
           CASE WHEN f.subject_id IS NOT NULL THEN NULL
                ELSE coalesce(s.reason, u.reason) END AS reason,
           coalesce(f.severity, s.severity) AS severity,
           -- A sum leaves the engine with 128 bits, which Parquet would keep as a double.
           coalesce(f.value, s.value)::BIGINT AS value
    FROM population p
    LEFT JOIN worst f ON f.subject_id = p.subject_id AND NOT f.excluded
    LEFT JOIN worst s ON s.subject_id = p.subject_id AND s.excluded
    LEFT JOIN unknown u ON u.subject_id = p.subject_id
"""
NOT_SHOWN = {
    *OCCURRENCE_COLUMNS,
    "digest",
    "records",
    "keys",
    "note_words",
    "most_state",
    "most_prescriber",
}
