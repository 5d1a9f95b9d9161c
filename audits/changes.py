"""Changes of one input that would clear a flag; the oracle says whether they do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of the records, in words and as a function from records to records."""

    sentence: str
    apply: Callable[[dict], dict]


def fewer_units(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield the smallest change of one prescription that clears, else of all together."""
    worst = max(judge(records, parameters)["occurrences"], key=lambda o: o["value"])
    involved = [r for r in records["prescriptions"] if r["key"] in worst["records"]]
    for row in sorted(involved, key=_daily_dose, reverse=True):
        without = _with_quantity(records, {row["key"]}, 0)
        if judge(without, parameters)["answer"] != "fired":
            most = _most(
                lambda n, key=row["key"]: _with_units(records, key, n), row, parameters, judge
            )
            name = row["key"].replace("|", " ")
            yield Change(
                sentence=f"Prescription {name} with at most {most:,} units "
                f"instead of {row['quantity'].normalize():f}.",
                apply=lambda given, key=row["key"], n=most: _with_units(given, key, n),
            )
            return
    keys = set(worst["records"])
    share = next(
        percent
        for percent in range(99, -1, -1)
        if judge(_with_quantity(records, keys, percent), parameters)["answer"] != "fired"
    )
    yield Change(
        sentence=f"All {len(keys)} prescriptions of this period at {share} % of their quantity or "
        "less; no single one clears it.",
        apply=lambda given: _with_quantity(given, keys, share),
    )


def _daily_dose(row: dict):
    return row["strength"] * row["quantity"] * row["factor"] / (row["days_supply"] or 1)


def _with_quantity(records: dict, keys: set[str], percent: int) -> dict:
    """Return the records with the quantities of ``keys`` at ``percent``; zero takes them out."""
    kept = [r for r in records["prescriptions"] if percent or r["key"] not in keys]
    changed = [
        {**r, "quantity": r["quantity"] * percent / 100} if r["key"] in keys else r for r in kept
    ]
    return {**records, "prescriptions": changed}


def _with_units(records: dict, key: str, units: int) -> dict:
    """Return the records with ``units`` of prescription ``key``; zero takes it out."""
    kept = [r for r in records["prescriptions"] if units or r["key"] != key]
    return {
        **records,
        "prescriptions": [
            {**r, "quantity": type(r["quantity"])(units)} if r["key"] == key else r for r in kept
        ],
    }


def _most(changed: Callable[[int], dict], row: dict, parameters: dict, judge: Callable) -> int:
    """Return the largest whole quantity at which the changed records no longer fire."""
    low, high = 0, int(row["quantity"])
    while low < high:
        middle = (low + high + 1) // 2
        if judge(changed(middle), parameters)["answer"] != "fired":
            low = middle
        else:
            high = middle - 1
    return low
