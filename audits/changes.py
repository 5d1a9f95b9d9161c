"""Changes of one input that would clear a flag; the oracle says whether they do."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

PROVIDERS = {"prescriber_key": "prescribers", "pharmacy_key": "pharmacies"}
TRIED = 8  # how many single providers are tried, the least used first
PATCH_DAYS = 3


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of the records, in words and as a function from records to records."""

    sentence: str
    apply: Callable[[dict], dict]


def fewer_units(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield the smallest change of one prescription that clears, else of all together."""
    involved = _involved(records, _free(records, parameters, judge))
    keys = {row["key"] for row in involved}

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
    key, name = row["key"], _name(row)
    most = _most(int(row["quantity"]), lambda units: clears(_with_units(records, key, units)))
    return Change(
        sentence=f"Prescription {name} with at most {most:,} units instead of "
        f"{row['quantity'].normalize():f}.",
        apply=lambda given: _with_units(given, key, most),
    )


def _name(row: dict) -> str:
    return row["key"].replace("|", " ")


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


def _free(records: dict, parameters: dict, judge: Callable) -> list[dict]:
    """Return the occurrences that nothing excuses."""
    return [o for o in judge(records, parameters)["occurrences"] if not o["excluded_by"]]


def _involved(records: dict, occurrences: Collection[dict]) -> list[dict]:
    """Return the prescriptions behind ``occurrences`` in their order."""
    keys = {key for each in occurrences for key in each["records"]}
    rows = [row for row in records["prescriptions"] if row["key"] in keys]
    return sorted(rows, key=lambda row: (row["event_date"], row["key"]))


def later_fills(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield the fewest days later for one fill that clear, else a fill less, else all later."""
    fired = _free(records, parameters, judge)

    def clears(change: Change) -> bool:
        return judge(change.apply(records), parameters)["answer"] != "fired"

    rows = _involved(records, fired)
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
        sentence=f"Prescription {_name(row)} filled {days} day{'' if days == 1 else 's'} later, "
        f"on {moved} or after.",
        apply=lambda given: _on_days(given, {row["key"]: moved}),
    )


def _left_out(row: dict) -> Change:
    return Change(
        sentence=f"Prescription {_name(row)} of {row['event_date']} not filled; a later day for "
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


def fewer_providers(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield one prescriber or pharmacy fewer that clears, else as few of them as it takes.

    The prescriptions of those who go are taken for those of the one used most.
    """
    rows = _involved(records, _free(records, parameters, judge))
    used = {
        kind: [key for key, _ in Counter(row[kind] for row in rows if row[kind]).most_common()]
        for kind in PROVIDERS
    }

    def changed(kept: Mapping[str, list[str]]) -> Change | None:
        change = _with_fewer(used, kept)
        clear = judge(change.apply(records), parameters)["answer"] != "fired"
        return change if clear else None

    def most(*kinds: str) -> Change | None:
        def keeping(number: int) -> dict[str, list[str]]:
            return {kind: used[kind][:number] for kind in kinds}

        top = max(len(used[kind]) for kind in kinds)
        number = _most(top, lambda number: number > 0 and changed(keeping(number)) is not None)
        return changed(keeping(number)) if number else None

    found = [change for kept in _one_fewer(used) if (change := changed(kept))]
    found = found or [change for kind in PROVIDERS if (change := most(kind))]
    yield from found or filter(None, [most(*PROVIDERS)])


def _one_fewer(used: Mapping[str, list[str]]) -> Iterator[dict[str, list[str]]]:
    """Yield whom to keep so that one of a kind is missing, the least used first."""
    for kind, keys in used.items():
        for gone in keys[:0:-1][:TRIED]:
            yield {kind: [key for key in keys if key != gone]}


def _with_fewer(used: Mapping[str, list[str]], kept: Mapping[str, list[str]]) -> Change:
    """Return the change by which only those ``kept`` are left of those ``used``."""
    instead = {
        kind: {key: used[kind][0] for key in used[kind] if key not in keys}
        for kind, keys in kept.items()
    }
    parts = [
        f"{len(kept[kind])} {PROVIDERS[kind]} instead of {len(used[kind])} (all of "
        f"{', '.join(gone)} by {used[kind][0]})"
        for kind, gone in instead.items()
    ]
    return Change(
        sentence=f"Not more than {' and '.join(parts)}.",
        apply=lambda given: _by_others(given, instead),
    )


def _by_others(records: dict, instead: Mapping[str, Mapping[str, str]]) -> dict:
    """Return the records with prescribers or pharmacies replaced, by kind of key."""
    rows = [
        {**row, **{kind: others.get(row[kind], row[kind]) for kind, others in instead.items()}}
        for row in records["prescriptions"]
    ]
    return {**records, "prescriptions": rows}
