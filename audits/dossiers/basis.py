"""On which records a dossier stands: those of the last published evaluation, two years of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import duckdb

from .. import editions, snapshots
from ..ledger import LedgerError
from ..models import Evaluation, Snapshot
from ..models.reference_version import entries_of

MONTHS = 24
YEAR = 12


class UnreadableError(Exception):
    """The records of a ledger version cannot be read now."""


@dataclass(frozen=True, kw_only=True)
class Basis:
    """A published evaluation, its snapshot, its as-of date and the reference tables it used."""

    evaluation: int
    snapshot: Snapshot
    as_of: date
    references: list[dict] = field(default_factory=list)

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
        try:
            directory = editions.directory(self.references)
            with snapshots.opened_for(
                self.snapshot, self.as_of, limits, directory=directory, **whose
            ) as opened:
                yield opened
        except (LedgerError, OSError, duckdb.IOException, duckdb.InvalidInputException) as error:
            raise UnreadableError(str(self.snapshot)) from error


def latest_basis() -> Basis | None:
    """Return the last published evaluation that had records; None before there is one."""
    published = Evaluation.objects.filter(unpublished=False).exclude(as_of=None)
    last = published.select_related("snapshot", "reference_set").order_by("-pk").first()
    if last is None:
        return None
    return Basis(
        evaluation=last.pk,
        snapshot=last.snapshot,
        as_of=last.as_of,
        references=entries_of(last),
    )
