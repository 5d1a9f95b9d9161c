"""The ledger made again from the stored files, and whether it is the one in use."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from duckdb import DuckDBPyConnection

from .. import engine, mapping, snapshots, validation
from ..ingestion.checking import validated
from ..ingestion.comparing import policies
from ..ingestion.reading import planned_again
from ..ledger import SUPERSEDED, Ledger, LedgerError, classify, current_sql, replace, withdraw
from ..models import Settlement, Snapshot, Upload
from ..schema import KINDS
from ..vocabulary import Outcome

UNREADABLE = "unreadable"
KEY = "source_system, source_record_id, content_hash, upload, row, accepted_seq"
OUTCOMES = "outcomes.parquet"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The first thing in which the rebuilt ledger is another one; never a value of a record.

    ``side`` says which ledger has the row: in_use or rebuilt; empty where it is about a
    whole snapshot, ``unreadable`` where the kind cannot be read in the ledger in use.
    """

    ledger_version: int
    kind: str
    side: str = ""
    upload: int | None = None
    row: int | None = None


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """How many snapshots and rows were compared, and the first difference, None where equal.

    ``fits`` says that all was rebuilt and every snapshot finds its versions in the rebuilt
    tables, so that these can take the place of those in use.
    """

    snapshots: int
    rows: int
    difference: Difference | None
    fits: bool


@dataclass(kw_only=True)
class _Work:
    """A ledger being rebuilt, with what stands in it so far."""

    connection: DuckDBPyConnection
    root: Path
    ledger: Ledger
    sequence: int = 0
    versions: dict[str, int] = field(default_factory=dict)
    standing: dict[int, str] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)

    def folder(self, upload: Upload) -> Path:
        return self.root / "uploads" / str(upload.pk)

    def replay(self, snapshot: Snapshot) -> None:
        """Do again what made it: the promotion of its upload, a choice for it, or its withdrawal.

        Which rows a person chose is not in the files: it is read off the settlement.
        """
        upload = snapshot.upload
        if settlement := Settlement.objects.filter(snapshot=snapshot).first():
            self._settle(upload, settlement)
        elif upload.pk in self.standing:
            self._withdraw(upload)
        else:
            self._promote(upload)

    def _promote(self, upload: Upload) -> None:
        folder, name = self.folder(upload), f"upload-{upload.pk}"
        plan, sources = self._check(upload, folder)
        counts = classify(
            self.connection,
            folder / validation.ACCEPTED,
            kind=upload.kind,
            ledger=self.ledger,
            versions=self.versions,
            sequence=self.sequence,
            policies=policies(sources, plan.change_policy),
            withdrawn_uploads=self.withdrawn,
            upload=upload.pk,
            first_seq=self.sequence + 1,
            into=folder,
        )
        accepted = self.folder(upload) / validation.ACCEPTED
        self._append(upload.kind, folder / "append.parquet", name, of=accepted)
        self._append(SUPERSEDED, folder / "lines.parquet", name)
        self.versions, self.sequence = self.ledger.versions(), counts.next_seq - 1
        self.standing[upload.pk] = upload.kind

    def _check(self, upload: Upload, folder: Path) -> tuple[mapping.Plan, tuple[str, ...]]:
        """Read, map and validate the stored file; return the plan and the sources in it."""
        folder.mkdir(parents=True, mode=0o700)
        how = planned_again(upload)
        checked, _ = validated(self.connection, upload, how, folder)
        return how.plan, checked.sources

    def _settle(self, upload: Upload, settlement: Settlement) -> None:
        folder = self.folder(upload) / "settlements" / str(settlement.pk)
        name = f"settle-{settlement.pk}"
        counts = replace(
            self.connection,
            list(settlement.conflicts.values_list("row", flat=True)),
            accepted=self.folder(upload) / validation.ACCEPTED,
            kind=upload.kind,
            ledger=self.ledger,
            versions=self.versions,
            sequence=self.sequence,
            withdrawn_uploads=self.withdrawn,
            upload=upload.pk,
            into=folder,
        )
        accepted = self.folder(upload) / validation.ACCEPTED
        self._append(upload.kind, folder / "append.parquet", name, of=accepted)
        self._append(SUPERSEDED, folder / "lines.parquet", name)
        self.versions, self.sequence = self.ledger.versions(), counts.next_seq - 1

    def _withdraw(self, upload: Upload) -> None:
        folder = self.folder(upload) / "withdrawal"
        folder.mkdir()
        taken = withdraw(
            self.connection,
            upload.pk,
            kind=upload.kind,
            ledger=self.ledger,
            versions=self.versions,
            sequence=self.sequence,
            withdrawn_uploads=self.withdrawn,
            first_seq=self.sequence + 1,
            restated=self._restated(upload, folder / "restated.parquet"),
            into=folder,
        )
        self._append(SUPERSEDED, folder / "lines.parquet", f"withdraw-{upload.pk}")
        self.versions, self.sequence = self.ledger.versions(), taken.next_seq - 1
        self.withdrawn.add(upload.pk)

    def _restated(self, upload: Upload, into: Path) -> Path | None:
        """Write what other uploads that stand restate, as a withdrawal weighs it."""
        others = [
            str(self.root / "uploads" / str(number) / OUTCOMES)
            for number, kind in self.standing.items()
            if kind == upload.kind and number not in {upload.pk, *self.withdrawn}
        ]
        if not others:
            return None
        self.connection.execute(
            "COPY (SELECT source_system, source_record_id, content_hash, seq "
            f"FROM read_parquet({others!r}) WHERE outcome = '{Outcome.UNCHANGED}') "
            f"TO '{into}' (FORMAT parquet)"
        )
        return into

    def _append(self, table: str, rows: Path, name: str, of: Path | None = None) -> None:
        self.ledger.append(self.connection, table, rows, of=of, transaction=name)

    def differences(self, snapshot: Snapshot) -> Iterator[Difference]:
        """Yield how the rows in force at ``snapshot`` differ between the two ledgers."""
        if snapshot.sequence != self.sequence:
            yield Difference(ledger_version=snapshot.number, kind="sequence")
        for kind in KINDS:
            try:
                ours = current_sql(snapshots.ledger(), kind, snapshot.versions, snapshot.sequence)
            except LedgerError:
                yield Difference(ledger_version=snapshot.number, kind=kind, side=UNREADABLE)
                return
            again = current_sql(self.ledger, kind, self.versions, self.sequence)
            for side, one, other in (("in_use", ours, again), ("rebuilt", again, ours)):
                row = self.connection.execute(
                    f"SELECT upload, row FROM (SELECT {KEY} FROM ({one}) EXCEPT ALL "
                    f"SELECT {KEY} FROM ({other})) ORDER BY accepted_seq LIMIT 1"
                ).fetchone()
                if row:
                    yield Difference(
                        ledger_version=snapshot.number,
                        kind=kind,
                        side=side,
                        upload=row[0],
                        row=row[1],
                    )

    def count(self) -> int:
        """Return how many rows are in force in the rebuilt ledger."""
        total = 0
        for kind in KINDS:
            sql = current_sql(self.ledger, kind, self.versions, self.sequence, ("row",))
            (found,) = self.connection.execute(f"SELECT count(*) FROM ({sql})").fetchone()
            total += found
        return total


def rebuild(into: Path, tell: Callable[[int, int], None]) -> Rebuilt:
    """Rebuild every table from the stored files into the empty folder ``into`` and compare.

    ``tell`` is told (snapshots done, snapshots in all). The ledger in use is only read; where
    it cannot be read the rebuilding goes on to its end all the same.
    Raises what reading, mapping and validation raise where a file no longer goes through.
    """
    made = list(Snapshot.objects.order_by("number").select_related("upload"))
    with engine.connect(snapshots.worker_limits()) as backend:
        work = _Work(connection=backend.con, root=into, ledger=Ledger(into))
        first, fits = None, True
        for done, snapshot in enumerate(made):
            tell(done, len(made))
            work.replay(snapshot)
            fits &= work.versions == snapshot.versions
            difference = next(work.differences(snapshot), None)
            if difference and difference.side != UNREADABLE:
                return Rebuilt(
                    snapshots=done + 1, rows=work.count(), difference=difference, fits=False
                )
            first = first or difference
        return Rebuilt(snapshots=len(made), rows=work.count(), difference=first, fits=fits)
