"""Changes of one input that would clear a flag; the oracle says whether they do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of the records, in words and as a function from records to records."""

    sentence: str
    apply: Callable[[dict], dict]


def fewer_units(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield the smallest change of one prescription that clears, else of all together."""
    fired = [o for o in judge(records, parameters)["occurrences"] if not o["excluded_by"]]
    keys = {key for occurrence in fired for key in occurrence["records"]}
    involved = [row for row in records["prescriptions"] if row["key"] in keys]

    def clears(changed: dict) -> bool:
        return judge(changed, parameters)["answer"] != "fired"

    for row in sorted(involved, key=_daily_dose, reverse=True):
        if clears(_with_units(records, row["key"], 0)):
            yield _one_smaller(records, row, clears)
            return
    share = _most(100, lambda percent: clears(_with_share(records, keys, percent)))
    yield Change(
        sentence=f"All {len(keys)} prescriptions of these periods at {share} % of their quantity "
        "or less; no single one clears it.",
        apply=lambda given: _with_share(given, keys, share),
    )


def visits_with_vitals(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield the visits that, had they been on record, would have watched over each occurrence."""
    days = sorted({o["first_on"] for o in judge(records, parameters)["occurrences"]})
    visits = [
        {
            "key": f"what if {day}",
            "encounter_id": None,
            "provider_npi": None,
            "started_on": day,
            "modality": "audio_video",
            "setting": None,
            "vitals_recorded": True,
        }
        for day in days
    ]
    listed = ", ".join(day.isoformat() for day in days)
    yield Change(
        sentence="A visit in person, by video or by telephone with vitals recorded, by any "
        f"clinician, on a day that each supply covers: {listed}, or a later one.",
        apply=lambda given: {**given, "encounters": [*given["encounters"], *visits]},
    )


def fewer_patients(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield the fewest patients, the last to come first, without whom the prescriber is clear."""
    keys = {key for o in judge(records, parameters)["occurrences"] for key in o["records"]}
    involved = [row for row in records["prescriptions"] if row["key"] in keys]
    newest = sorted(involved, key=lambda row: (row["written_on"], row["key"]), reverse=True)
    patients = list(dict.fromkeys(row["patient_key"] for row in newest))

    def without(given: dict, number: int) -> dict:
        gone = set(patients[:number])
        rows = given["prescriptions"]
        return {**given, "prescriptions": [r for r in rows if r["patient_key"] not in gone]}

    def fires(number: int) -> bool:
        return judge(without(records, number), parameters)["answer"] == "fired"

    fewest = _most(len(patients) + 1, lambda number: number == 0 or fires(number - 1))
    yield Change(
        sentence=f"Without the last {fewest} of the {len(patients)} patients whom these "
        "prescriptions were for.",
        apply=lambda given: without(given, fewest),
    )


def shorter_supply(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield the longest supply that is still usual, where the length of a supply decides."""
    keys = {key for o in judge(records, parameters)["occurrences"] for key in o["records"]}
    bounds = {
        cell["more_than_days"]
        for cell in records["matrix"]
        if cell["class"] == records["subject"]["class"]
        and cell["more_than_days"] is not None
        and cell["role_group"]
        in {row["role_group"] for row in records["prescriptions"] if row["key"] in keys}
    }
    if not bounds:
        return
    days = min(bounds)

    def shorter(given: dict) -> dict:
        rows = [
            {**row, "days_supply": days, "fentanyl_patch": False} if row["key"] in keys else row
            for row in given["prescriptions"]
        ]
        return {**given, "prescriptions": rows}

    if judge(shorter(records), parameters)["answer"] != "fired":
        yield Change(
            sentence=f"Each of these prescriptions for at most {days} days.", apply=shorter
        )


def _one_smaller(records: dict, row: dict, clears: Callable[[dict], bool]) -> Change:
    """Return the largest whole quantity of one prescription that clears."""
    key, name = row["key"], row["key"].replace("|", " ")
    most = _most(int(row["quantity"]), lambda units: clears(_with_units(records, key, units)))
    return Change(
        sentence=f"Prescription {name} with at most {most:,} units instead of "
        f"{row['quantity'].normalize():f}.",
        apply=lambda given: _with_units(given, key, most),
    )


def _most(top: int, holds: Callable[[int], bool]) -> int:
    """Return the largest number below ``top`` that ``holds``, which zero does."""
    low, high = 0, top - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return max(low, 0)


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
