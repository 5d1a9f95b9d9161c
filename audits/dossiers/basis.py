"""On which records a dossier stands: those of the last published evaluation, two years of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import duckdb

from .. import editions, snapshots
from ..ledger import LedgerError
from ..models import Evaluation, Snapshot

MONTHS = 24
YEAR = 12


class UnreadableError(Exception):
    """The records of a ledger version cannot be read now."""


@dataclass(frozen=True, kw_only=True)
class Basis:
    """A published evaluation: its snapshot, its as-of date, and what it took drugs to mean."""

    published: Evaluation

    @property
    def evaluation(self) -> int:
        """Return the number of the evaluation."""
        return self.published.pk

    @property
    def snapshot(self) -> Snapshot:
        """Return the snapshot that rules were put to."""
        return self.published.snapshot

    @property
    def as_of(self) -> date:
        """Return the last day that is looked at."""
        return self.published.as_of

    @property
    def mme_set(self) -> str:
        """Return the name of the set of MME factors."""
        return self.published.mme_set

    @property
    def months(self) -> Sequence[date]:
        """Return the first days of the 24 months that end with the month of the as-of date."""
        last = self.as_of.year * YEAR + self.as_of.month - 1
        numbers = range(last - MONTHS + 1, last + 1)
        return [date(number // YEAR, number % YEAR + 1, 1) for number in numbers]

    @property
    def first(self) -> date:
        """Return the first day of those months."""
        return self.months[0]

    @contextmanager
    def opened(self, **whose: str) -> Iterator[snapshots.Opened]:
        """Yield the records of one ``patient``, or of a ``prescriber``'s patients.

        Raises UnreadableError where the files of the snapshot are gone or damaged.
        """
        limits = snapshots.web_limits()
        meant = editions.meaning(self.published)
        with (
            reading(self.snapshot),
            snapshots.opened_for(self.snapshot, self.as_of, limits, **meant, **whose) as opened,
        ):
            yield opened


@contextmanager
def reading(snapshot: Snapshot) -> Iterator[None]:
    """Raise UnreadableError where the files of ``snapshot`` are gone or damaged."""
    try:
        yield
    except (LedgerError, OSError, duckdb.IOException, duckdb.InvalidInputException) as error:
        raise UnreadableError(str(snapshot)) from error


def latest_basis() -> Basis | None:
    """Return the last published evaluation that had records; None before there is one."""
    published = Evaluation.objects.filter(unpublished=False).exclude(as_of=None)
    related = published.select_related("snapshot", *Evaluation.SETS)
    last = related.order_by("-pk").first()
    return Basis(published=last) if last else None
