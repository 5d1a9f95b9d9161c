"""Accepted files of small records, and a ledger they go into as promotion does it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from audits.ledger import Counts, Ledger, classify, current_sql, withdraw
from audits.ledger.columns import IDENTITY, SUPERSEDED, record_columns

KIND = "licences"  # few columns and no patient: one bucket, so that hundreds of commits are quick
ARROW = {"VARCHAR": pa.string(), "INTEGER": pa.int32(), "DATE": pa.date32()}
POLICIES = {"ehr": "by_status", "fhir": "latest_wins"}
RECORD = "source_system || '/' || source_record_id"


def connect() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1, "memory_limit": "512MB"})


def write_accepted(path: Path, rows: Iterable[Mapping[str, object]], kind: str = KIND) -> Path:
    """Write ``rows`` (source, record, content, status) as accepted rows 2, 3, 4 ..."""
    declared = {name: ARROW.get(t, pa.string()) for name, t in record_columns(kind).items()}
    schema = pa.schema(
        {"row": pa.int64(), **declared, "content_hash": pa.string(), "patient_bucket": pa.int32()}
        | {"warned": pa.bool_()}
    )
    written = [
        {
            "row": number,
            "source_system": row["source"],
            "source_record_id": row["record"],
            "record_status": row["status"],
            "number": row["content"],
            "content_hash": row["content"],
            "patient_bucket": 0,
            "warned": False,
        }
        for number, row in enumerate(rows, start=2)
    ]
    pq.write_table(pa.Table.from_pylist(written, schema=schema), path)
    return path


def row(record: str, content: str, status: str | None = "new", source: str = "ehr") -> dict:
    return {"source": source, "record": record, "content": content, "status": status}


@dataclass(frozen=True)
class Snapshot:
    sequence: int
    versions: Mapping[str, int]


@dataclass
class Promotions:
    """A ledger with its snapshots and the outcomes of its uploads, as the database keeps them."""

    root: Path
    connection: duckdb.DuckDBPyConnection = field(default_factory=connect)
    snapshots: list[Snapshot] = field(default_factory=lambda: [Snapshot(0, {})])
    uploads: int = 0
    withdrawn: set[int] = field(default_factory=set)

    @property
    def newest(self) -> Snapshot:
        return self.snapshots[-1]

    @property
    def ledger(self) -> Ledger:
        """Give a fresh handle each time, as another process would have."""
        return Ledger(self.root / "ledger")

    def folder(self, upload: int) -> Path:
        path = self.root / f"upload-{upload}"
        path.mkdir(exist_ok=True)
        return path

    def classify(self, rows: Iterable[Mapping[str, object]]) -> Counts:
        """Number the upload and decide its rows against the newest snapshot."""
        self.uploads += 1
        folder = self.folder(self.uploads)
        return classify(
            self.connection,
            write_accepted(folder / "accepted.parquet", rows),
            kind=KIND,
            ledger=self.ledger,
            versions=self.newest.versions,
            sequence=self.newest.sequence,
            policies=POLICIES,
            withdrawn_uploads=self.withdrawn,
            upload=self.uploads,
            first_seq=self.newest.sequence + 1,
            into=folder,
        )

    def commit(self, upload: int) -> dict[str, int]:
        """Put the classified upload into the tables; may be repeated."""
        name, folder = f"upload-{upload}", self.folder(upload)
        ledger, accepted = self.ledger, folder / "accepted.parquet"
        return {
            table: ledger.append(self.connection, table, folder / file, of=of, transaction=name)
            for table, file, of in (
                (KIND, "append.parquet", accepted),
                (SUPERSEDED, "lines.parquet", None),
            )
        }

    def promote(self, rows: Iterable[Mapping[str, object]]) -> Counts:
        counts = self.classify(rows)
        versions = self.commit(self.uploads)
        self.snapshots.append(Snapshot(counts.next_seq - 1, versions))
        return counts

    def withdraw(self, upload: int) -> None:
        """Take ``upload`` back as the step does it, with what the others restated."""
        into = self.root / f"withdrawal-{upload}"
        into.mkdir()
        done = withdraw(
            self.connection,
            upload,
            kind=KIND,
            ledger=self.ledger,
            versions=self.newest.versions,
            sequence=self.newest.sequence,
            withdrawn_uploads=self.withdrawn,
            first_seq=self.newest.sequence + 1,
            restated=self._restated(upload, into / "restated.parquet"),
            into=into,
        )
        self.withdrawn.add(upload)
        version = self.ledger.append(
            self.connection, SUPERSEDED, into / "lines.parquet", transaction=f"withdraw-{upload}"
        )
        versions = {**self.newest.versions, SUPERSEDED: version}
        self.snapshots.append(Snapshot(done.next_seq - 1, versions))

    def _restated(self, upload: int, path: Path) -> Path | None:
        standing = set(range(1, self.uploads + 1)) - self.withdrawn - {upload}
        files = [str(self.folder(u) / "outcomes.parquet") for u in sorted(standing)]
        if not files:
            return None
        self.connection.execute(
            f"COPY (SELECT {', '.join(IDENTITY)}, content_hash, seq FROM read_parquet({files}) "
            f"WHERE outcome = 'unchanged') TO '{path}' (FORMAT parquet)"
        )
        return path

    def in_force(self, sequence: int | None = None, at: Snapshot | None = None) -> dict[str, str]:
        """Give record to content; fails where a record is in force twice."""
        at = at or self.newest
        known = at.sequence if sequence is None else sequence
        query = current_sql(self.ledger, KIND, at.versions, known)
        rows = self.connection.execute(f"SELECT {RECORD}, content_hash FROM ({query})").fetchall()
        assert len(rows) == len(dict(rows)), rows
        return dict(rows)

    def outcomes(self, upload: int) -> list[str]:
        path = self.folder(upload) / "outcomes.parquet"
        answer = self.connection.execute(f"SELECT outcome FROM '{path}' ORDER BY row")
        return [outcome for (outcome,) in answer.fetchall()]
