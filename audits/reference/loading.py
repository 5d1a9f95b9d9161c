"""The reference tables as rows and as digests: as they ship, or as a version of them is in use.

A house may put a version of a shipped table in force. Whoever judges by one says so once, by
``using``, and everything that is made of the tables inside follows; outside it the shipped
tables speak. The block belongs to its thread.
"""

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache, wraps
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, ParamSpec, TypeVar

FOLDER = Path(__file__).parent
TABLES: tuple[str, ...] = tuple(sorted(path.stem for path in FOLDER.glob("*.csv")))
FEW = 4  # versions of one table that are worked with side by side

Rows = tuple[Mapping[str, str], ...]
P, R = ParamSpec("P"), TypeVar("R")


class Version(NamedTuple):
    """A version of a shipped table: the SHA-256 of its content and its rows."""

    digest: str
    rows: Rows


_IN_USE: ContextVar[Mapping[str, Version]] = ContextVar("versions", default=MappingProxyType({}))


@contextmanager
def using(versions: Mapping[str, Version]) -> Iterator[None]:
    """Let ``versions`` stand for the shipped tables of their names, and these for all others."""
    token = _IN_USE.set(MappingProxyType(dict(versions)))
    try:
        yield
    finally:
        _IN_USE.reset(token)


def rows(name: str) -> Rows:
    """Return the rows of table ``name`` in file order, every cell as text and an empty one as "".

    Raises KeyError for a name that is not in TABLES.
    """
    version = _IN_USE.get().get(name)
    return version.rows if version else shipped(name)


def edition(name: str) -> str:
    """Return the SHA-256 of what ``rows`` gives, as 64 hex digits; KeyError as there."""
    version = _IN_USE.get().get(name)
    return version.digest if version else digest(name)


def shipped(name: str) -> Rows:
    """Return the rows of table ``name`` as it ships, whatever is in use; KeyError as in rows."""
    return _read(_known(name))


def digest(name: str) -> str:
    """Return the SHA-256 of the bytes of table ``name`` as it ships; KeyError as in rows."""
    return _digest(_known(name))


def made_of(*tables: str, remembered: int = FEW) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Remember the last results of a function, each for the versions of ``tables`` in use."""

    def decorate(make: Callable[P, R]) -> Callable[P, R]:
        @lru_cache(maxsize=remembered)
        def made(_editions: tuple[str, ...], *given: P.args, **named: P.kwargs) -> R:
            return make(*given, **named)

        @wraps(make)
        def current(*given: P.args, **named: P.kwargs) -> R:
            return made(tuple(map(edition, tables)), *given, **named)

        return current

    return decorate


def _known(name: str) -> str:
    if name not in TABLES:
        raise KeyError(f"no reference table is called {name}")
    return name


@cache
def _read(name: str) -> Rows:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(MappingProxyType(row) for row in csv.DictReader(file))


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((FOLDER / f"{name}.csv").read_bytes()).hexdigest()
