"""What a list of excluded persons would have to say otherwise."""

from collections.abc import Callable, Iterator

from .change import Change, free


def listed_otherwise(records: dict, parameters: dict, judge: Callable) -> Iterator[Change]:
    """Yield the reinstatement, the waiver and the other person that would clear the prescriber."""
    fired = free(records, parameters, judge)
    keys = {key for o in fired for key in o["records"]}
    first = min(o["first_on"] for o in fired)
    states = {row["patient_state"] for row in records["prescriptions"] if row["key"] in keys}
    yield Change(
        sentence=f"A reinstatement on or before {first} on the list.",
        apply=lambda given: _listed(given, reinstated_on=first),
    )
    for state in sorted(states - {None}):
        waiver = Change(
            sentence=f"A waiver for {state} in force from {first} or before.",
            apply=lambda given, state=state: _listed(given, waiver_state=state, waivered_on=first),
        )
        if judge(waiver.apply(records), parameters)["answer"] != "fired":
            yield waiver
    yield Change(
        sentence=f"The listed person is not the holder of NPI {records['subject']['npi']}.",
        apply=lambda given: {**given, "exclusions": []},
    )


def _listed(records: dict, **cells: object) -> dict:
    """Return the records with ``cells`` in every exclusion."""
    return {**records, "exclusions": [{**each, **cells} for each in records["exclusions"]]}
