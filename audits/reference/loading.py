"""The reference tables as rows and as digests."""

import csv
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent
TABLES: tuple[str, ...] = tuple(sorted(path.stem for path in FOLDER.glob("*.csv")))


def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """Return the rows of table ``name`` in file order, every cell as text and an empty one as "".

    Raises KeyError for a name that is not in TABLES.
    """
    return _read(_known(name))


def digest(name: str) -> str:
    """Return the SHA-256 of the bytes of table ``name`` as 64 hex digits; KeyError as in rows."""
    return _digest(_known(name))


def _known(name: str) -> str:
    if name not in TABLES:
        raise KeyError(f"no reference table is called {name}")
    return name


@cache
def _read(name: str) -> tuple[Mapping[str, str], ...]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(MappingProxyType(row) for row in csv.DictReader(file))


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((FOLDER / f"{name}.csv").read_bytes()).hexdigest()
