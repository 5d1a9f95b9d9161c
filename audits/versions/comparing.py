"""What a proposed version would change: in the table, and for the records that are held."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .. import editions, engine, snapshots
from ..catalogue import CATALOGUE
from ..models import ReferenceVersion
from ..models.reference_version import in_force
from ..reference import rows as rows_in_use
from ..reference.differences import Difference, Row, counted, differences, meant, shipped
from ..rule import Rule

# In which columns of which records a table's codes stand.
STANDS_IN = {
    "ndc": (("prescriptions", "ndc11"),),
    "taxonomy_code": (("prescriptions", "taxonomy"), ("practitioners", "taxonomy")),
}
CODES = {"code": "VARCHAR"}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What differs between a version and what is in force; ``against`` says what that is.

    ``counts`` are of codes added, removed, changed, and changed by fact; ``held`` are the
    rows of the newest records by code that differs, those codes alone that any row has; None
    where the table's codes stand in no record. ``reordered``: the earlier of two rows decides
    there, and rows that both have stand in another order.
    """

    against: str
    found: list[Difference]
    counts: Mapping[str, int]
    held: Mapping[str, int] | None
    reordered: bool = False

    @property
    def held_rows(self) -> int:
        """Return how many rows of the newest records have a code that differs."""
        return sum((self.held or {}).values())


def compare(version: ReferenceVersion) -> Comparison:
    """Return how ``version`` differs from the one in force, else from the shipped tables.

    Raises EditionError where a kept file is not whole.
    """
    loader = version.loader
    former = in_force().get(version.table)
    after = _meant(version)
    if former and former.pk != version.pk:
        before, against = _meant(former), former.edition
    else:
        before, against = shipped(loader, after), "the shipped tables"
    if not version.digest:
        after = shipped(loader, before)
    found = differences(before, after, loader.COMPARED)
    key, ordered = loader.KEY[0], getattr(loader, "ORDERED", False)
    return Comparison(
        against=against,
        found=found,
        counts=counted(found),
        held=touched(key, {each.code for each in found}) if key in STANDS_IN else None,
        reordered=ordered and _order(before, after) != _order(after, before),
    )


def _order(of: Mapping[str, Row], common: Mapping[str, Row]) -> list[str]:
    return [code for code in of if code in common]


def touched(key: str, codes: Collection[str]) -> dict[str, int]:
    """Return how many rows of the newest records have each of ``codes``; those with any."""
    snapshot = snapshots.latest()
    if snapshot is None or not codes:
        return {}
    views = snapshots.views(snapshot)
    stands = " UNION ALL ".join(
        f"SELECT {column} AS code FROM ({views[kind]})" for kind, column in STANDS_IN[key]
    )
    with engine.connect(snapshots.web_limits()) as backend:
        engine.load(backend, "codes", [{"code": code} for code in sorted(codes)], CODES)
        found = engine.rows(
            backend,
            f"SELECT code, count(*) AS n FROM ({stands}) SEMI JOIN codes USING (code) "
            "GROUP BY code ORDER BY n DESC, code",
        )
    return {row["code"]: row["n"] for row in found}


def moved(version: ReferenceVersion) -> tuple[Rule, ...]:
    """Return the rules that look up what the version speaks for."""
    feeds = set(version.loader.FEEDS)
    return tuple(rule for rule in CATALOGUE.values() if not feeds.isdisjoint(rule.references))


def without_group(version: ReferenceVersion) -> list[dict[str, str]]:
    """Return the codes of an edition of NUCC's taxonomy that our role groups in force lack."""
    with editions.in_use():
        grouped = {row["taxonomy_code"] for row in rows_in_use("taxonomy")}
    listed = editions.rows(version.table, version.digest)
    return [row for row in listed if row["taxonomy_code"] not in grouped]


def _meant(version: ReferenceVersion) -> dict[str, Row]:
    if not version.digest:
        return {}
    return meant(version.loader, editions.rows(version.table, version.digest))
