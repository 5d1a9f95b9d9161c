"""Fills on later days."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from .change import Change, free, involved, name_of

PATCH_DAYS = 3


def later_fills(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield the fewest days later for one fill that clear, else a fill less, else all later."""
    fired = free(records, parameters, judge)

    def clears(change: Change) -> bool:
        return judge(change.apply(records), parameters)["answer"] != "fired"

    rows = involved(records, fired)
    later = [_later(row, n) for row in rows for n in _days_too_early(row, fired, parameters)]
    fewer = [_left_out(row) for row in rows]
    one = next((change for change in (*later, *fewer) if clears(change)), None)
    yield one or _each_when_used_up(records, parameters)


def _days_too_early(row: dict, fired: list[dict], parameters: dict) -> list[int]:
    """Return by how many days the fill misses each definition that its day fires, fewest first."""
    found = {o["definition"]: o["value"] for o in fired if o["first_on"] == row["event_date"]}
    early = found.get("early_once", parameters["early_days"] - 1)
    too_early = {
        "stockpile": found.get("stockpile", 0) - parameters["stock_days"],
        "early_once": early - parameters["early_days"],
        "repeated_early": early - parameters["repeated_days"],
    }
    return sorted({too_early[definition] + 1 for definition in found})


def _later(row: dict, days: int) -> Change:
    moved = row["event_date"] + timedelta(days)
    return Change(
        sentence=f"Prescription {name_of(row)} filled {days} day{'' if days == 1 else 's'} later, "
        f"on {moved} or after.",
        apply=lambda given: _on_days(given, {row["key"]: moved}),
    )


def _left_out(row: dict) -> Change:
    return Change(
        sentence=f"Prescription {name_of(row)} of {row['event_date']} not filled; a later day for "
        "one fill alone clears nothing.",
        apply=lambda given: {
            **given,
            "prescriptions": [r for r in given["prescriptions"] if r["key"] != row["key"]],
        },
    )


def _each_when_used_up(records: dict, parameters: dict) -> Change:
    """Return every fill of the subject's drug on its day, or when the former one was used up."""
    drug, free, days = records["subject"]["ingredient"], date.min, {}
    rows = [row for row in records["prescriptions"] if row["ingredient"] == drug]
    order = ("event_date", "source_system", "source_record_id")
    for row in sorted(rows, key=lambda row: [row[name] for name in order]):
        lasts = row["days_supply"] or 0
        if row["fentanyl_patch"]:
            lasts = int((row["quantity"] or 0) * PATCH_DAYS)
        if row["counts_as_supply"] and 0 <= lasts <= parameters["longest_days_supply"]:
            days[row["key"]] = max(row["event_date"], free)
            free = days[row["key"]] + timedelta(max(lasts, 1))
    return Change(
        sentence=f"Every fill of {drug} made no earlier than the former one was used up; no single "
        "fill clears it.",
        apply=lambda given: _on_days(given, days),
    )


def _on_days(records: dict, days: Mapping[str, date]) -> dict:
    """Return the records with the fills named in ``days`` moved to those days."""
    rows = [
        {**row, "event_date": days[row["key"]], "filled_date": days[row["key"]]}
        if row["key"] in days
        else row
        for row in records["prescriptions"]
    ]
    return {**records, "prescriptions": rows}
