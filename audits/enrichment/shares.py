"""What part of their controlled prescriptions prescribers write in a class that is under review."""

from collections.abc import Iterable

import ibis
from ibis.expr.types import IntegerValue, Table

from ..rule import Records
from ..vocabulary import CONTROLLED_SCHEDULES
from .people import states_of_practice
from .windows import last_days

REVIEW = "review"
WHO = ("prescriber_key", "scope_class")


def controlled_days(records: Records) -> Table:
    """Return how many controlled prescriptions a prescriber wrote on a day for each patient.

    Columns: prescriber_key, written_on, patient_key, controlled, and of the role groups told of
    them ``first_role`` and ``last_role``, which differ where they contradict one another.
    """
    p = records.prescriptions
    p = p.filter(p.counts_as_prescription & p.prescriber_key.notnull())
    p = p.filter(p.schedule.isin(CONTROLLED_SCHEDULES))
    return p.group_by("prescriber_key", "written_on", "patient_key").agg(
        controlled=p.count(), first_role=p.role_group.min(), last_role=p.role_group.max()
    )


def under_review(outside: Table) -> Table:
    """Return the controlled prescriptions that are unusual only if far beyond those of peers."""
    controlled = outside.schedule.isin(CONTROLLED_SCHEDULES).fill_null(False)
    return outside.filter((outside.verdict == REVIEW) & controlled)


def shares(records: Records, days: Table, outside: Table, *, peer_days: int) -> Table:
    """Return what each prescriber wrote in each class that is reviewed in the role group.

    ``days``: ``controlled_days``; ``outside``: ``scoping.scoped``. Both count in the
    ``peer_days`` days up to the as-of date.
    Columns: prescriber_key, scope_class, role_group (null where they contradict one
    another), state of practice (null where unknown), ``controlled``, of these ``reviewed``
    without a doubt, and ``doubtful``. Also everybody of the role group who wrote none.
    """
    days = last_days(records, days, peer_days)
    reviews = under_review(outside)
    reviews = last_days(records, reviews, peer_days)
    people = _people(days, records.practitioners)
    counts = reviews.group_by(*WHO).agg(
        reviewed=reviews.count(where=reviews.doubt.isnull()),
        doubtful=reviews.count(where=reviews.doubt.notnull()),
    )
    m = records.scope_matrix.rename(scope_class="class")
    cells = m.filter(m.verdict == REVIEW).select("role_group", "scope_class")
    asked = people.join(cells, "role_group").select("prescriber_key", "scope_class")
    both = asked.union(counts.select(*WHO), distinct=True)
    s = both.join(people, "prescriber_key").left_join(counts, [*WHO])
    return s.select(
        *WHO,
        *("role_group", "state", "controlled"),
        reviewed=s.reviewed.fill_null(0),
        doubtful=s.doubtful.fill_null(0),
    )


def of_peers(
    records: Records, days: Table, outside: Table, *, subjects: Table, windows: Iterable[int]
) -> Table:
    """Return the ``shares`` in the class and role group of ``subjects``, as oracles read them.

    One row a prescriber, class and window; ``days`` is the length of the window.
    """
    parts = [
        records.shares(records, days, outside, peer_days=number).mutate(
            days=ibis.literal(number, "int64")
        )
        for number in sorted(set(windows))
    ]
    every = ibis.union(*parts) if len(parts) > 1 else parts[0]
    every = every.mutate(subject_id=every.prescriber_key + "|" + every.scope_class)
    mine = every.semi_join(subjects, "subject_id")
    alike = every.semi_join(mine, ["role_group", "scope_class"])
    return alike.union(mine, distinct=True).drop("subject_id")


def _people(days: Table, practitioners: Table) -> Table:
    """Return each prescriber of ``days`` with role group, state and controlled prescriptions."""
    p = days.group_by("prescriber_key").agg(
        controlled=_whole(days.controlled),
        first_role=days.first_role.min(),
        last_role=days.last_role.max(),
    )
    same = p.first_role == p.last_role
    p = p.mutate(role_group=ibis.ifelse(same, p.first_role, ibis.null("string")))
    states = states_of_practice(practitioners).rename(prescriber_key="npi")
    p = p.left_join(states, "prescriber_key")
    return p.select("prescriber_key", "role_group", "state", "controlled")


def _whole(counts: IntegerValue) -> IntegerValue:
    # Not int64: Ibis takes a sum for one and leaves the cast out; the engine's sum is wider.
    return counts.sum().cast("int32")
