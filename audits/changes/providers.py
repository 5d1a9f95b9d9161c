"""Fewer prescribers or pharmacies."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from .change import Change, free, involved, most

PROVIDERS = {"prescriber_key": "prescribers", "pharmacy_key": "pharmacies"}
TRIED = 8  # how many single providers are tried, the least used first


def fewer_providers(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield one prescriber or pharmacy fewer that clears, else as few of them as it takes.

    The prescriptions of those who go are taken for those of the one used most.
    """
    rows = involved(records, free(records, parameters, judge))
    used = {
        kind: [key for key, _ in Counter(row[kind] for row in rows if row[kind]).most_common()]
        for kind in PROVIDERS
    }

    def changed(kept: Mapping[str, list[str]]) -> Change | None:
        change = _with_fewer(used, kept)
        clear = judge(change.apply(records), parameters)["answer"] != "fired"
        return change if clear else None

    def fewest(*kinds: str) -> Change | None:
        def keeping(number: int) -> dict[str, list[str]]:
            return {kind: used[kind][:number] for kind in kinds}

        top = max(len(used[kind]) for kind in kinds)
        number = most(top, lambda number: number > 0 and changed(keeping(number)) is not None)
        return changed(keeping(number)) if number else None

    found = [change for kept in _one_fewer(used) if (change := changed(kept))]
    found = found or [change for kind in PROVIDERS if (change := fewest(kind))]
    yield from found or filter(None, [fewest(*PROVIDERS)])


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
