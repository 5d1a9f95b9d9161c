"""The files of loaded reference tables, kept beside the ledger under their digests, in use."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from django.conf import settings

from . import keeping, reference
from .keeping import Kept
from .ledger import LedgerError
from .models import Evaluation
from .models.reference_version import entries_of, in_force, loaded_in
from .reference.directory import SHIPPED, Directory, directory_of
from .reference.loaders import LOADERS
from .reference.published import rows_of

NDC_TABLES = tuple(name for name, loader in LOADERS.items() if "ndc_products" in loader.FEEDS)
KEPT = 32  # versions of own tables in memory, which are small

Entries = Sequence[Mapping[str, str]]


class EditionError(LedgerError):
    """The kept file of a loaded table is not there, or is not what was loaded."""


def folder() -> Path:
    """Return where the files are."""
    return Path(settings.LEDGER) / "reference"


def path(digest: str) -> Path:
    """Return the path of kept bytes by their SHA-256."""
    return folder() / digest[:2] / digest


def receive(blocks: Iterable[bytes]) -> Kept:
    """Keep what arrives block by block under its SHA-256, as ``keeping.keep`` does."""
    kept = keeping.keep(blocks, folder(), path)
    folder().chmod(0o700)
    return kept


def keep(content: bytes) -> str:
    """Keep bytes under their SHA-256, whole and on the disk before this returns; return it."""
    return receive([content]).sha256


def is_whole(digest: str) -> bool:
    """Return whether the kept file is there and is what was kept."""
    try:
        return sha256(path(digest).read_bytes()).hexdigest() == digest
    except OSError:
        return False


def rows(table: str, digest: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a loaded table; raises EditionError where its file is not whole."""
    return rows_of(_whole(table, digest))


def _whole(table: str, digest: str) -> bytes:
    """Return the kept bytes of a loaded table; raises EditionError where they are not those."""
    try:
        content = path(digest).read_bytes()
    except OSError:
        content = None
    if content is None or sha256(content).hexdigest() != digest:
        state = "missing" if content is None else "altered"
        raise EditionError(
            f"The file of the reference table {table}, version {digest[:12]}, is {state}: "
            f"{path(digest)}. Put it back from a backup, or load its files again."
        )
    return content


def content(table: str) -> bytes:
    """Return a table that ships as CSV, as it is in force; raises EditionError."""
    version = in_force().get(table)
    if version is None:
        return (reference.FOLDER / f"{table}.csv").read_bytes()
    return _whole(table, version.digest)


@contextmanager
def in_use(entries: Entries | None = None) -> Iterator[Directory]:
    """Let the tables that an evaluation kept (None: those in force) decide inside.

    Yields what NDCs mean by them. Raises EditionError.
    """
    loaded = _loaded(entries)
    with reference.using(_tables(loaded)):
        yield _directory_of(loaded)


def meaning(evaluation: Evaluation) -> dict[str, object]:
    """Return what an evaluation takes drugs and numbers to mean, as enrichment takes it.

    Its local mappings, its set of MME factors, its versions of the shipped tables and its
    directory of NDCs. Raises EditionError.
    """
    entries = entries_of(evaluation)
    with in_use(entries) as directory:
        return {
            "mappings": evaluation.mappings,
            "numbers": evaluation.numbers,
            "mme_set": evaluation.mme_set,
            "tables": _tables(_loaded(entries)),
            "directory": directory,
        }


def _loaded(entries: Entries | None) -> Mapping[str, str]:
    """Return the digests of the loaded tables by name."""
    if entries is None:
        return {name: version.digest for name, version in in_force().items()}
    return loaded_in(entries)


def _tables(loaded: Mapping[str, str]) -> dict[str, reference.Version]:
    """Return the versions among them that stand in the place of shipped tables."""
    here = str(folder())
    return {name: _version(here, name, loaded[name]) for name in reference.TABLES if name in loaded}


@lru_cache(maxsize=KEPT)
def _version(_folder: str, table: str, digest: str) -> reference.Version:
    return reference.Version(digest, tuple(map(MappingProxyType, rows(table, digest))))


def _directory_of(loaded: Mapping[str, str]) -> Directory:
    wanted = tuple((name, loaded[name]) for name in NDC_TABLES if name in loaded)
    if not wanted:
        return SHIPPED
    return _directory(str(folder()), wanted, reference.edition("substances"))


@lru_cache(maxsize=2)
def _directory(_folder: str, wanted: tuple[tuple[str, str], ...], _substances: str) -> Directory:
    return directory_of({table: rows(table, digest) for table, digest in wanted})
