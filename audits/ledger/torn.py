"""A table's log after a power cut: what is whole, what can be set aside, what must be refused.

delta-rs takes an empty log entry for a commit without rows, so a torn one would lose rows in
silence; and it fails on a checkpoint that is torn, though every entry from the first is kept
and no checkpoint is needed. Read here as plain files: nothing in this module opens delta-rs.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from . import parts
from .columns import TABLES
from .errors import LedgerError
from .transactions import NOTE

ASIDE = "torn"
DIGITS = 20
HINT = "_last_checkpoint"
REMEDY = (
    "Put the ledger's folder back from the backup, or make its tables anew with "
    "manage.py rebuild_ledger."
)


@dataclass(frozen=True, kw_only=True)
class SetAside:
    """A torn file of ``table`` that was moved to the folder ``torn`` beside its log."""

    table: str
    file: str


def refuse(folder: Path, version: int) -> None:
    """Raise LedgerError where the log entry of ``version`` is torn or not there.

    ``folder`` is the table's own.
    """
    path = _entry(folder, version)
    if not path.exists() or not _is_whole(path):
        how = "torn" if path.exists() else "not there"
        raise LedgerError(
            f"{folder.name}: version {version} cannot be opened, its log entry is {how}. {REMEDY}"
        )


def confirm(tables: Path, published: Mapping[str, int]) -> None:
    """Raise LedgerError where a commit up to the one that a snapshot names is torn or missing.

    ``tables`` is the folder of all tables, ``published`` the version of each.
    """
    for table, newest in published.items():
        for version in range(newest + 1):
            refuse(tables / table, version)


def mend(tables: Path, published: Mapping[str, int]) -> list[SetAside]:
    """Set aside what is torn and belongs to no snapshot; return what was moved.

    That is the first torn or missing commit beyond the published version of a table with all
    that came after it, and any torn checkpoint. Whole commits beyond it, left by an attempt
    that died, are brought onto the disk. Raises LedgerError as ``confirm`` does, before
    anything is moved.
    """
    confirm(tables, published)
    moved = []
    for table in TABLES:
        folder = tables / table
        if not (folder / "_delta_log").is_dir():
            continue
        torn = [*_torn_entries(folder, published.get(table, -1)), *_torn_checkpoints(folder)]
        moved += [SetAside(table=table, file=_set_aside(folder, path)) for path in torn]
        parts.sync(folder / "_delta_log")
    return moved


def _torn_entries(folder: Path, published: int) -> Iterator[Path]:
    """Yield the log entries beyond ``published`` that cannot stand; bring the others down."""
    due, broken = published + 1, False
    for version in sorted(v for v in _versions(folder) if v > published):
        path = _entry(folder, version)
        broken = broken or version != due or not _is_whole(path)
        if broken:
            yield path
        else:
            parts.sync(path)
        due += 1


def _torn_checkpoints(folder: Path) -> Iterator[Path]:
    """Yield checkpoints that cannot be read, and the hint where it names one of these or none."""
    log, readable = folder / "_delta_log", set()
    for path in sorted(log.glob("*.checkpoint*.parquet")):
        if _is_parquet(path):
            readable.add(int(path.name[:DIGITS]))
        else:
            yield path
    hint = log / HINT
    if hint.exists() and _hinted(hint) not in readable:
        yield hint


def _hinted(hint: Path) -> int | None:
    try:
        return int(json.loads(hint.read_bytes())["version"])
    except (ValueError, TypeError, KeyError):
        return None


def _is_parquet(path: Path) -> bool:
    try:
        pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError):
        return False
    return True


def _is_whole(path: Path) -> bool:
    """Return whether a log entry says all that its writer had to say.

    Every line is an action. The first commit has protocol and metadata; one that names its
    transactions has them too, and delta-rs writes these last.
    """
    try:
        actions = [json.loads(line) for line in path.read_bytes().splitlines()]
        kinds = {kind for action in actions for kind in action}
        named = [action["commitInfo"].get(NOTE) for action in actions if "commitInfo" in action]
        settled = {action["txn"]["appId"] for action in actions if "txn" in action}
    except (ValueError, TypeError, AttributeError, KeyError):
        return False
    if not kinds or (int(path.stem) == 0 and not kinds >= {"protocol", "metaData"}):
        return False
    return settled >= {name for text in named if text for name in text.split()}


def _versions(folder: Path) -> set[int]:
    """Return the versions that have a log entry, torn or not."""
    found = (path.stem for path in (folder / "_delta_log").glob("*.json"))
    return {int(stem) for stem in found if len(stem) == DIGITS and stem.isdigit()}


def _entry(folder: Path, version: int) -> Path:
    return folder / "_delta_log" / f"{version:0{DIGITS}}.json"


def _set_aside(folder: Path, path: Path) -> str:
    """Move ``path`` into the folder ``torn`` under a name not taken there; return that name."""
    aside = folder / ASIDE
    aside.mkdir(exist_ok=True, mode=0o700)
    number = sum(1 for _ in aside.iterdir()) + 1
    name = f"{number:04}-{path.name}"
    path.rename(aside / name)
    parts.sync(aside)
    parts.sync(folder)
    return name
