"""Which flags speak of a person, as conditions on the states of flags."""

from django.db.models import Q

from ..vocabulary import Subject

OWN = tuple(subject for subject in Subject if subject.parts[0] == "npi")


def about_prescriber(key: str) -> Q:
    """Return the condition that a flag is about a prescriber, alone or in a state, class or day."""
    own = Q(flag__subject_id=key) | Q(flag__subject_id__startswith=f"{key}|")
    return Q(flag__subject_kind__in=OWN) & own


def about_pairs(key: str) -> Q:
    """Return the condition that a flag is about a patient together with a prescriber."""
    kind = Subject.PATIENT_PRESCRIBER
    return Q(flag__subject_kind=kind, flag__subject_id__endswith=f"|{key}")


def about_patient(key: str) -> Q:
    """Return the condition that a flag is about a patient, alone or with somebody or something."""
    return Q(flag__subject_id=key) | Q(flag__subject_id__startswith=f"{key}|")
