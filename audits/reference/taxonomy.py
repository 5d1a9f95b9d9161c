"""Professions and role groups by NUCC provider taxonomy code."""

from collections.abc import Mapping
from types import MappingProxyType

from .loading import made_of, rows


@made_of("taxonomy")
def codes() -> Mapping[str, Mapping[str, str]]:
    """Return the table's rows by code."""
    return MappingProxyType({row["taxonomy_code"]: row for row in rows("taxonomy")})


def role_groups() -> tuple[str, ...]:
    """Return the role groups that codes are put into, in order of their names."""
    return tuple(sorted({row["role_group"] for row in codes().values()} - {""}))


def role_of(code: str) -> tuple[str, str] | None:
    """Return prescriber type and role group of a taxonomy code; None where it is not listed."""
    row = codes().get(code.strip().upper())
    return (row["prescriber_type"], row["role_group"]) if row else None
