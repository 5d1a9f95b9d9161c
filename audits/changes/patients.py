"""Fewer patients or prescriptions, or shorter supplies, outside a prescriber's usual scope."""

from collections.abc import Callable, Iterator

from .change import Change, most


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

    fewest = most(len(patients) + 1, lambda number: number == 0 or fires(number - 1))
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


def fewer_of_class(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield the fewest prescriptions, the last first, without which peers are like him."""
    found = judge(records, parameters)["occurrences"]
    keys = {key for o in found if o["definition"] == "above_peers" for key in o["records"]}
    if not keys:
        return
    rows = [row for row in records["prescriptions"] if row["key"] in keys]
    rows.sort(key=lambda row: (row["written_on"], row["key"]), reverse=True)

    def without(given: dict, number: int) -> dict:
        gone = {row["key"] for row in rows[:number]}
        left = [row for row in given["prescriptions"] if row["key"] not in gone]
        return {**given, "prescriptions": left}

    def fires(number: int) -> bool:
        return judge(without(records, number), parameters)["answer"] == "fired"

    fewest = most(len(rows) + 1, lambda number: number == 0 or fires(number - 1))
    if not fires(fewest):
        yield Change(
            sentence=f"Without the last {fewest} of these {len(rows)} prescriptions of the class.",
            apply=lambda given: without(given, fewest),
        )
