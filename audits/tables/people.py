"""Persons in lists: short, and as the way to their pages."""

from collections.abc import Mapping
from types import MappingProxyType

from django.urls import reverse
from django.utils.html import format_html

PSEUDONYM = 10  # characters of a pseudonym that a list shows
SHORT = ("np", "pa", "cns", "crna")
PROFESSIONS: Mapping[str, str] = MappingProxyType(
    {
        "physician": "Physician",
        "np": "Nurse practitioner",
        "pa": "Physician assistant",
        "cns": "Clinical nurse specialist",
        "crna": "Nurse anaesthetist",
        "dentist": "Dentist",
        "podiatrist": "Podiatrist",
        "optometrist": "Optometrist",
        "pharmacist": "Pharmacist",
        "other": "Other profession",
    }
)


def spelled(word: str) -> str:
    """Return a word of a vocabulary without its underlines, professions in capitals."""
    return " ".join(part.upper() if part in SHORT else part for part in word.split("_"))


def prescriber_link(key: str, text: str = "") -> str:
    """Return an NPI or DEA number as a link; one that no address can hold as it stands."""
    if not key.isalnum() or not key.isascii():
        return text or key
    return format_html('<a href="{}">{}</a>', reverse("prescriber", args=[key]), text or key)


def patient_link(key: str, text: str = "") -> str:
    """Return a pseudonym, shortened unless ``text`` is given, as a link."""
    address = reverse("patient", args=[key])
    return format_html('<a href="{}">{}</a>', address, text or key[:PSEUDONYM])
