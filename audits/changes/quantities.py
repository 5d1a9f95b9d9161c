"""Fewer units of what was handed out."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from .change import Change, free, involved, most, name_of


def fewer_units(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield the smallest change of one prescription that clears, else of all together."""
    rows = involved(records, free(records, parameters, judge))
    keys = {row["key"] for row in rows}

    def clears(changed: dict) -> bool:
        return judge(changed, parameters)["answer"] != "fired"

    for row in sorted(rows, key=_daily_dose, reverse=True):
        if clears(_with_units(records, row["key"], 0)):
            yield _one_smaller(records, row, clears)
            return
    share = most(100, lambda percent: clears(_with_share(records, keys, percent)))
    yield Change(
        sentence=f"All {len(keys)} prescriptions of these periods at {share} % of their quantity "
        "or less; no single one clears it.",
        apply=lambda given: _with_share(given, keys, share),
    )


def _one_smaller(records: dict, row: dict, clears: Callable[[dict], bool]) -> Change:
    """Return the largest whole quantity of one prescription that clears."""
    key, name = row["key"], name_of(row)
    units = most(int(row["quantity"]), lambda n: clears(_with_units(records, key, n)))
    return Change(
        sentence=f"Prescription {name} with at most {units:,} units instead of "
        f"{row['quantity'].normalize():f}.",
        apply=lambda given: _with_units(given, key, units),
    )


def _daily_dose(row: dict) -> Decimal:
    return row["strength"] * row["quantity"] * row["factor"] / (row["days_supply"] or 1)


def _with_share(records: dict, keys: set[str], percent: int) -> dict:
    """Return the records with the quantities of ``keys`` at ``percent``; zero takes them out."""
    return _changed(records, keys, lambda quantity: quantity * percent / 100)


def _with_units(records: dict, key: str, units: int) -> dict:
    """Return the records with ``units`` of prescription ``key``; zero takes it out."""
    return _changed(records, {key}, lambda _quantity: Decimal(units))


def _changed(records: dict, keys: set[str], new: Callable[[Decimal], Decimal]) -> dict:
    """Return the records with new quantities for ``keys``; those without any left are gone."""
    rows = [
        {**row, "quantity": new(row["quantity"])} if row["key"] in keys else row
        for row in records["prescriptions"]
    ]
    left = [row for row in rows if row["key"] not in keys or row["quantity"] > 0]
    return {**records, "prescriptions": left}
