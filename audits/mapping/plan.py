"""How the columns of one file become the canonical columns of one kind."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import Literal

from ..schema import KINDS, Kind

ABSENT = "NULL"
MOST_NAMES = 10
LONGEST_NAME = 60


class MappingError(ValueError):
    """The header does not fit: the message names the columns, near misses and the remedy."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What every canonical column of ``kind`` is made of, for one header.

    ``expressions`` holds for each canonical column, in the kind's order, a DuckDB
    expression over the file's text columns that yields canonical text or null; text
    that does not fit is passed on as it stands, so that validation can name it.
    ``source_columns`` names for each canonical column the header it comes from;
    columns with a fixed value or none have no entry. ``preset`` and ``version`` belong
    to the identity of an upload.

    A plan over several files ``reads`` some parts of the upload, the one whose rows are the
    records first; ``joined`` turns SQL of each part's text into SQL of one text with the
    ``row`` of that first part, and ``unjoined`` has, for the columns that another part fills,
    SQL that is true where the row refers to a record which that part does not have. ``source``
    names the source where nobody else does; ``synthetic`` says that all such records are made up.
    """

    preset: str
    version: int
    kind: str
    expressions: Mapping[str, str]
    source_columns: Mapping[str, str]
    carries_status: bool
    change_policy: Literal["by_status", "latest_wins"]
    notes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    joined: Callable[[Mapping[str, str]], str] | None = None
    unjoined: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    synthetic: bool = False

    @property
    def absent(self) -> frozenset[str]:
        """Return the canonical columns that this file has no values for at all."""
        return frozenset(c for c, expression in self.expressions.items() if expression == ABSENT)

    def shown(self, column: str) -> str:
        """Return the header that ``column`` comes from, else its canonical name."""
        return self.source_columns.get(column, column)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One of the files that a preset reads together, known by its header in any case.

    It has the columns ``needs``; where ``others`` is given, no column besides these two sets.
    A part that is not ``read`` may be sent along, is kept, and ``unread`` says why.
    """

    name: str
    needs: frozenset[str]
    others: frozenset[str] | None = None
    unread: str = ""

    @property
    def read(self) -> bool:
        """Return whether the upload cannot do without it."""
        return not self.unread

    def is_headed(self, header: Iterable[str]) -> bool:
        """Return whether a file with ``header`` is this part."""
        names = {name.strip().lower() for name in header}
        known = self.others is None or names <= self.needs | self.others
        return self.needs <= names and known


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A known layout: how its header is recognised and made into a plan.

    ``plan`` raises MappingError for a header it cannot serve; its second argument is
    the kind asked for, or None. A preset with ``parts`` reads several files as one upload
    of several kinds: it recognises the header of each part, ``rows_of`` names for each kind the
    part whose rows its records are, and ``plan_of`` gives the plan of a kind from the headers by
    part.
    """

    name: str
    title: str
    version: int
    recognises: Callable[[tuple[str, ...]], bool]
    plan: Callable[[tuple[str, ...], str | None], Plan]
    parts: tuple[Part, ...] = ()
    rows_of: Mapping[str, str] = field(default_factory=dict)
    plan_of: Callable[[Mapping[str, tuple[str, ...]], str], Plan] | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds that come out of several files read together."""
        return tuple(self.rows_of)


def completed(kind: Kind, filled: Mapping[str, str]) -> Mapping[str, str]:
    """Return ``filled`` with an expression for every column of ``kind``, in the kind's order."""
    return MappingProxyType({c: filled.get(c, ABSENT) for c in kind.columns})


def quoted(name: str) -> str:
    """Return ``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def cell(name: str) -> str:
    """Return SQL for the text of column ``name`` without outer spaces; blank is null."""
    return f"nullif(trim({quoted(name)}), '')"


def known_kind(name: str) -> Kind:
    """Return the kind called ``name``; raises MappingError for another word."""
    if name not in KINDS:
        raise MappingError(
            f"There is no record kind {shown(name)}{suggestion(name, KINDS)}. "
            f"Use one of: {', '.join(KINDS)}."
        )
    return KINDS[name]


def folded(header: Iterable[str]) -> Mapping[str, str]:
    """Return the header's names by their stripped lower-case form, in file order.

    Raises MappingError for a column without a name and for two names that differ only
    in case or outer spaces.
    """
    found: dict[str, str] = {}
    for position, name in enumerate(header, 1):
        key = name.strip().lower()
        if not key:
            raise MappingError(f"Column {position} has no name. Name it or remove it.")
        if key in found:
            raise MappingError(
                f"Columns {shown(found[key])} and {shown(name)} are the same column. "
                "Remove or rename one of them."
            )
        found[key] = name
    return found


def shown(name: str) -> str:
    """Return a name out of a file, fit for one line of a message."""
    visible = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name.strip())
    return visible if len(visible) <= LONGEST_NAME else visible[:LONGEST_NAME] + "..."


def listed(names: Iterable[str]) -> str:
    """Return at most ten names joined by commas and how many more there are."""
    all_names = [shown(name) for name in names]
    rest = len(all_names) - MOST_NAMES
    return ", ".join(all_names[:MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def suggestion(name: str, among: Iterable[str]) -> str:
    """Return `` (did you mean x?)`` for the nearest of ``among`` in any case, or nothing."""
    written = {candidate.lower(): candidate for candidate in among}
    near = get_close_matches(name.strip().lower(), written, n=1, cutoff=0.75)
    return f" (did you mean {written[near[0]]}?)" if near else ""
