"""Visits that would have watched over a patient."""

from collections.abc import Callable, Iterator

from .change import Change


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
