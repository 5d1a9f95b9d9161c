"""Days as numbers, so that windows are sums of whole numbers."""

from datetime import date

import ibis
from ibis.expr.types import DateValue, IntegerValue

EPOCH = date(1970, 1, 1)


def day_number(dates: DateValue) -> IntegerValue:
    """Return the days from 1970-01-01 to each date."""
    return dates.delta(ibis.literal(EPOCH), unit="day").cast("int64")


def days_after(day: DateValue, days: IntegerValue) -> DateValue:
    """Return the date ``days`` after ``day``.

    By way of a timestamp: Ibis takes date and interval for a date, the engine does not.
    """
    return (day.cast("timestamp") + days.as_interval("D")).cast("date")


def date_of(number: IntegerValue) -> DateValue:
    """Return the date that is ``number`` days after 1970-01-01."""
    return days_after(ibis.literal(EPOCH), number)
