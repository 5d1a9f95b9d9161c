"""A patient's dose of opioids day by day, as the sum of what was being taken."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise


@dataclass(frozen=True, kw_only=True)
class Step:
    """Days with one and the same dose, in thousandths of an MME a day; both days included."""

    first_on: date
    last_on: date
    mme_day: int


def dose_line(fills: Iterable[tuple[date, date, int]]) -> Sequence[Step]:
    """Return the steps of the dose, from fills as first day, last covered day and dose a day.

    Fills that overlap add up (mode SUM); days without a dose are left out.
    """
    changes: dict[date, int] = defaultdict(int)
    for first_on, last_on, mme_day in fills:
        changes[first_on] += mme_day
        changes[last_on + timedelta(days=1)] -= mme_day
    days = [day for day in sorted(changes) if changes[day]]
    steps, dose = [], 0
    for day, following in pairwise(days):
        dose += changes[day]
        if dose:
            last_on = following - timedelta(days=1)
            steps.append(Step(first_on=day, last_on=last_on, mme_day=dose))
    return steps
