"""Professions and role groups by NUCC provider taxonomy code."""

from collections.abc import Mapping
from types import MappingProxyType

from .loading import rows

CODES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {row["taxonomy_code"]: row for row in rows("taxonomy")}
)


def role_of(code: str) -> tuple[str, str] | None:
    """Return prescriber type and role group of a taxonomy code; None where it is not listed."""
    row = CODES.get(code.strip().upper())
    return (row["prescriber_type"], row["role_group"]) if row else None
