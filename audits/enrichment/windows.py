"""The days up to the as-of date, asked of the engine: what is compiled serves every date."""

from datetime import date

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import DateScalar, Table

from .. import engine
from ..rule import Records

NAME = "as_of"


def told(backend: Backend, as_of: date) -> DateScalar:
    """Return the as-of date as an expression: the one cell of the engine's table ``as_of``."""
    return engine.load(backend, NAME, [{NAME: as_of}], {NAME: "DATE"})[NAME].as_scalar()


def last_days(records: Records, rows: Table, days: int) -> Table:
    """Return the rows written in the so many days that end with the as-of date."""
    first = (records.as_of_day - ibis.interval(days=days - 1)).cast("date")
    return rows.filter(rows.written_on.between(first, records.as_of_day))
