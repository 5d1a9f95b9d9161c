"""The ledger's Delta tables: made, appended to once, read by version, compacted, set back."""

import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from deltalake import DeltaTable, Field, Schema
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.schema import PrimitiveType
from deltalake.transaction import AddAction, RemoveAction
from duckdb import DuckDBPyConnection

from . import parts, torn
from .columns import BUCKET, TABLES, bucket_column, columns, delta_type
from .errors import LedgerError
from .transactions import commit_properties, is_done, settle, version_of

PROPERTIES = MappingProxyType(
    {
        "delta.enableExpiredLogCleanup": "false",
        "delta.logRetentionDuration": "interval 36500 days",
        "delta.deletedFileRetentionDuration": "interval 36500 days",
        "delta.appendOnly": "true",
    }
)
FILES_IN_BUCKET = 8
VERSIONS_REMEMBERED = 64
BUSY = "another writer came between; try again"
TRANSACTION = re.compile(r"[a-z][a-z0-9-]{0,79}")


class Ledger:
    """The tables under ``root``/tables, one a record kind and ``superseded``.

    Nothing is opened before it is asked for. Once any ledger of this process was opened, a
    process forked from it gets a LedgerError: delta-rs cannot live through a fork.
    """

    _opened_by: ClassVar[int | None] = None

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        if "%" in str(self.root):  # delta-rs reads it as an escape and writes somewhere else
            raise LedgerError(f"{self.root}: the ledger's folder may have no % in its path")
        self._files: dict[tuple[str, int], list[str]] = {}

    def folder(self, table: str) -> Path:
        """Return the folder of ``table``; raises LedgerError for a name that is no table's."""
        if table not in TABLES:
            raise LedgerError(f"{table}: no such table in the ledger")
        return self.root / "tables" / table

    def head(self, table: str) -> int | None:
        """Return the newest Delta version of ``table``; None where it was never written."""
        delta = self._open(table)
        return None if delta is None else delta.version()

    def versions(self) -> dict[str, int]:
        """Return the newest Delta version of every table that exists."""
        heads = {table: self.head(table) for table in TABLES}
        return {table: head for table, head in heads.items() if head is not None}

    def files(self, table: str, version: int) -> list[str]:
        """Return the absolute paths of the Parquet files of ``table`` at ``version``.

        Raises LedgerError where that version cannot be opened.
        """
        if (table, version) not in self._files:
            delta = self._open_version(table, version)
            paths = delta.get_add_actions(flatten=True).column("path").to_pylist()
            if len(self._files) == VERSIONS_REMEMBERED:
                self._files.pop(next(iter(self._files)))
            self._files[table, version] = sorted(str(self.folder(table) / p) for p in paths)
        return list(self._files[table, version])

    def confirm(self, published: Mapping[str, int]) -> None:
        """Raise LedgerError where a commit up to the ``published`` ones is torn or missing."""
        torn.confirm(self.root / "tables", published)

    def mend(self, published: Mapping[str, int]) -> list[torn.SetAside]:
        """Set aside what a power cut tore beyond the ``published`` versions; see ``torn``."""
        return torn.mend(self.root / "tables", published)

    def check(self) -> None:
        """Raise LedgerError, naming the table, if one lacks a property that keeps its history."""
        for table in TABLES:
            if (delta := self._open(table)) is not None:
                _check(table, delta)

    def append(
        self,
        connection: DuckDBPyConnection,
        table: str,
        rows: Path | Sequence[Path],
        *,
        transaction: str,
        of: Path | None = None,
    ) -> int:
        """Append the Parquet files ``rows`` to ``table`` once and return the version with them.

        ``rows`` have the table's columns; a missing one is null. ``of`` is the accepted file
        with those of the record, where ``rows`` have none. ``transaction`` names the
        act, say ``upload-17``: repeated, it changes nothing and returns the version it once
        made. No rows make no version. Raises LedgerError when another writer came between,
        which a second call settles.
        """
        if not TRANSACTION.fullmatch(transaction) or transaction.startswith("compact-"):
            raise LedgerError(f"{transaction}: not a name for a transaction")
        delta = self._writable(table)
        done = delta.transaction_version(transaction) or 0
        if is_done(done):
            return version_of(delta, transaction)
        stem = transaction if not done else f"{transaction}.{done}"
        files = [rows] if isinstance(rows, Path) else list(rows)
        target = parts.Target(table=table, folder=self.folder(table), stem=stem)
        written = parts.write(connection, files, target, of=of)
        if not written:
            return delta.version()
        actions = [part.added(data_change=True) for part in written]
        return self._commit(table, delta, actions, {transaction: done + 1})

    def committed(self, table: str, transaction: str) -> bool:
        """Return whether ``transaction`` stands in ``table``, made and not undone since."""
        delta = self._open(table)
        return delta is not None and is_done(delta.transaction_version(transaction) or 0)

    def compact(self, connection: DuckDBPyConnection, table: str) -> int | None:
        """Join the files of every bucket that has more than 8 and return the newest version.

        The rows stay what they were and earlier versions stay readable, so nothing is
        removed from the disk. None where the table was never written.
        """
        if self._open(table) is None:
            return None
        delta = self._writable(table)
        crowded = {b: f for b, f in self._by_bucket(delta).items() if len(f) > FILES_IN_BUCKET}
        if not crowded:
            return delta.version()
        name = f"compact-{delta.version() + 1}"
        folder = self.folder(table)
        files = [str(folder / path) for paths in crowded.values() for path in paths]
        written = parts.write(
            connection,
            files,
            parts.Target(table=table, folder=folder, stem=name),
            from_table=True,
        )
        actions = [
            *(part.added(data_change=False) for part in written),
            *(parts.removed(folder, b, path) for b, paths in crowded.items() for path in paths),
        ]
        return self._commit(table, delta, actions, {name: 1})

    def restore(self, table: str, version: int) -> int:
        """Make ``table`` again what it was at ``version``, as a new version, and return that.

        Transactions made since count as not made, so the same upload can be promoted
        again; its files get other names, and the abandoned ones stay.
        """
        delta = self._writable(table)
        if delta.version() == version:
            return version
        then = self._open_version(table, version)
        undone = settle(delta, then)
        try:
            delta.restore(version, commit_properties=commit_properties(undone))
        except DeltaError as error:
            raise LedgerError(f"{table}: cannot go back to version {version}") from error
        head = delta.version()
        self._sync_log(table, head)
        return head

    def _open(self, table: str) -> DeltaTable | None:
        """Return the table at its head; None where it does not exist (or only half)."""
        path = self.folder(table).as_uri()
        _mark_process()
        try:
            return DeltaTable(path) if DeltaTable.is_deltatable(path) else None
        except DeltaError as error:
            raise LedgerError(f"{table}: the table's log cannot be read") from error

    def _open_version(self, table: str, version: int) -> DeltaTable:
        """Return ``table`` at ``version``; a torn log entry would open with rows missing."""
        path = self.folder(table).as_uri()
        torn.refuse(self.folder(table), version)
        _mark_process()
        try:
            return DeltaTable(path, version=version)
        except (DeltaError, ValueError, OverflowError) as error:
            raise LedgerError(f"{table}: version {version} cannot be opened") from error

    def _writable(self, table: str) -> DeltaTable:
        """Return ``table`` with its properties checked, made or widened where it lacks columns."""
        delta = self._open(table) or self._create(table)
        _check(table, delta)
        held = {field.name: field.type for field in delta.schema().fields}
        declared = {field.name: field for field in _schema(table).fields}
        for name in held.keys() & declared.keys():
            if held[name] != declared[name].type:
                raise LedgerError(f"{table}: {name} is stored as another type than declared")
        if missing := [field for name, field in declared.items() if name not in held]:
            try:
                delta.alter.add_columns(missing, commit_properties=commit_properties({}))
            except CommitFailedError as error:
                raise LedgerError(f"{table}: {BUSY}") from error
            delta = DeltaTable(self.folder(table).as_uri())
            self._sync_log(table, delta.version())
        return delta

    def _create(self, table: str) -> DeltaTable:
        """Make ``table``; a half-made one is completed and a finished one left as it is."""
        folder = self.folder(table)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _mark_process()
        bucketed = bucket_column(table)
        delta = DeltaTable.create(
            folder.as_uri(),
            _schema(table),
            mode="ignore",
            partition_by=[bucketed] if bucketed else None,
            configuration=dict(PROPERTIES),
        )
        self._sync_log(table, 0)
        for place in (folder, folder.parent, self.root, self.root.parent):
            parts.sync(place)
        return delta

    def _commit(
        self,
        table: str,
        delta: DeltaTable,
        actions: list[AddAction | RemoveAction],
        transactions: Mapping[str, int],
    ) -> int:
        """Commit ``actions`` as the version right after ``delta``'s and return its number."""
        bucketed = bucket_column(table)
        try:
            delta.create_write_transaction(
                actions,
                mode="append",
                schema=delta.schema(),
                partition_by=[bucketed] if bucketed else None,
                commit_properties=commit_properties(transactions),
            )
        except CommitFailedError as error:
            raise LedgerError(f"{table}: {BUSY}") from error
        version = delta.version() + 1  # the handle stays where it was; no other try was made
        self._sync_log(table, version)
        return version

    def _sync_log(self, table: str, version: int) -> None:
        """Bring the log entry of ``version``, and the checkpoint made with it, onto the disk."""
        log = self.folder(table) / "_delta_log"
        for path in (*log.glob(f"{version:020}*"), *log.glob("_last_checkpoint")):
            parts.sync(path)
        parts.sync(log)

    def _by_bucket(self, delta: DeltaTable) -> dict[int | None, list[str]]:
        """Return the paths of the newest files within the table's folder, by bucket."""
        found = defaultdict(list)
        added = delta.get_add_actions(flatten=True)
        paths = added.column("path").to_pylist()
        partition = f"partition.{BUCKET}"
        known = added.column(partition).to_pylist() if partition in added.schema.names else None
        for bucket, path in zip(known or [None] * len(paths), paths, strict=True):
            found[bucket].append(path)
        return found


@cache
def _schema(table: str) -> Schema:
    """Return the Delta schema of ``table``: every column may be null."""
    return Schema([Field(c, PrimitiveType(delta_type(t))) for c, t in columns(table).items()])


def _mark_process() -> None:
    """Remember which process uses delta-rs; raise LedgerError in one forked from it."""
    if Ledger._opened_by is None:
        Ledger._opened_by = os.getpid()
    elif Ledger._opened_by != os.getpid():
        raise LedgerError(
            f"the ledger was opened in process {Ledger._opened_by} before it forked: open it"
            " only after the fork"
        )


def _check(table: str, delta: DeltaTable) -> None:
    """Raise LedgerError where a property of ``table`` is missing or another than it must be."""
    held = delta.metadata().configuration
    for name, value in PROPERTIES.items():
        if held.get(name) != value:
            raise LedgerError(f"{table}: {name} is {held.get(name, 'not set')}, not {value}")
