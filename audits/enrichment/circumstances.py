"""What the diagnoses of a patient excuse on a day."""

import ibis
from ibis.expr.types import Table

from .rolling import CIRCUMSTANCES, LIFELONG


def excuses(diagnoses: Table, days: Table, *, exclusion_days: int) -> Table:
    """Return patient_key, event_date and excluded_by of those ``days`` that something excuses.

    A circumstance holds from its first day until ``exclusion_days`` after its last, sickle
    cell for life; where several hold the first of CIRCUMSTANCES is told.
    """
    names = [(set_id, name) for name, sets in CIRCUMSTANCES.items() for set_id in sets]
    places = {name: place for place, name in enumerate(CIRCUMSTANCES)}
    told = days.select("patient_key", "event_date").distinct().join(diagnoses, "patient_key")
    since = told.event_date.delta(told.until, unit="day")
    told = told.filter(told.on <= told.event_date)
    told = told.mutate(what=ibis.cases(*((told.set_id == s, name) for s, name in names)))
    told = told.filter(told.what.isin(LIFELONG) | (since < exclusion_days))
    told = told.mutate(place=ibis.cases(*((told.what == n, at) for n, at in places.items())))
    first = told.filter(told.what.notnull()).group_by("patient_key", "event_date")
    return first.agg(excluded_by=told.what.argmin(told.place))
