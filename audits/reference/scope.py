"""Which classes of drugs are within the usual scope of which prescribers."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .loading import made_of, rows

CLASSES = ("opioid", "stimulant", "benzodiazepine", "ketamine", "buprenorphine")
VERDICTS = ("ok", "flag", "review", "critical")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is usual for one role group and class of drugs.

    ``verdict`` is one of VERDICTS: usual; unusual from several patients on; unusual only
    far above peers; never. It holds for prescriptions of more than ``more_than_days`` days,
    None where the length does not matter; ``minors_ok`` and ``facility_ok`` except patients
    under 18 and patients in a hospital or clinic from it. ``source`` holds keys of the table
    ``sources``, joined by ``;``.
    """

    role_group: str
    drug_class: str
    verdict: str
    more_than_days: int | None
    minors_ok: bool
    facility_ok: bool
    source: str
    status: str


def scope(role_group: str, drug_class: str) -> Scope | None:
    """Return what is usual for ``role_group``; None for a group or class not in the table."""
    return scopes().get((role_group, drug_class))


def _scope(row: Mapping[str, str]) -> Scope:
    return Scope(
        role_group=row["role_group"],
        drug_class=row["class"],
        verdict=row["verdict"],
        more_than_days=int(row["more_than_days"]) if row["more_than_days"] else None,
        minors_ok=row["minors_ok"] == "yes",
        facility_ok=row["facility_ok"] == "yes",
        source=row["source"],
        status=row["status"],
    )


@made_of("scope_matrix")
def scopes() -> Mapping[tuple[str, str], Scope]:
    """Return the cells of the matrix by role group and class."""
    return MappingProxyType(
        {(row["role_group"], row["class"]): _scope(row) for row in rows("scope_matrix")}
    )
