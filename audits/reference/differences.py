"""How two versions of a reference table differ: rows that came, that went, that say another."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .codes import by_ndc
from .loaders import Loader
from .loading import TABLES
from .loading import shipped as shipped_rows

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
# What the columns are called when they differ.
FACTS = {
    "ingredients": "ingredient",
    "strength_unit": "strength",
    "long_acting": "release",
    "mme_factor": "MME factor",
    "display_name": "name",
}

Row = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One code that differs; ``facts`` say in what, where it was changed."""

    code: str
    kind: str
    facts: tuple[str, ...]
    before: Row | None
    after: Row | None


def differences(
    before: Mapping[str, Row], after: Mapping[str, Row], compared: Sequence[str]
) -> list[Difference]:
    """Return what differs between rows by code, in order of the codes.

    Columns that one side does not have are not compared.
    """
    found = []
    for code in sorted({*before, *after}):
        old, new = before.get(code), after.get(code)
        facts = _facts(old, new, compared) if old and new else ()
        if facts or not (old and new):
            kind = CHANGED if facts else (ADDED if new else REMOVED)
            found.append(Difference(code=code, kind=kind, facts=facts, before=old, after=new))
    return found


def counted(found: Iterable[Difference]) -> dict[str, int]:
    """Return how many codes were added, removed and changed, and by each fact changed."""
    kinds: Counter[str] = Counter()
    facts: Counter[str] = Counter()
    for each in found:
        kinds[each.kind] += 1
        facts.update(each.facts)
    return {kind: kinds[kind] for kind in (ADDED, REMOVED, CHANGED)} | dict(sorted(facts.items()))


def code_of(loader: Loader, row: Row) -> str:
    """Return what tells a row from the others of its table, as one text."""
    return " · ".join(row[column] for column in loader.KEY if row[column])


def meant(loader: Loader, rows: Iterable[Row]) -> dict[str, Row]:
    """Return the rows that mean something, by code, with the columns compared."""
    return {
        code_of(loader, row): {column: row[column] for column in loader.COMPARED}
        for row in rows
        if not row.get("left_out")
    }


def shipped(loader: Loader, codes: Iterable[str]) -> dict[str, Row]:
    """Return what the shipped tables say of ``codes``: what a first loaded version replaces.

    That is all of a table that ships, whatever the codes.
    """
    if loader.TABLE in TABLES:
        return meant(loader, shipped_rows(loader.TABLE))
    if "ndc_products" not in loader.FEEDS:
        names = {row["taxonomy_code"]: row["display_name"] for row in shipped_rows("taxonomy")}
        return {code: {"display_name": names[code]} for code in codes if code in names}
    return {code: row for code in codes if (row := _shipped_ndc(code))}


def _shipped_ndc(code: str) -> Row | None:
    facts = by_ndc(code)
    if facts is None:
        return None
    return {
        "ingredients": ";".join(facts.ingredients),
        "strength": f"{facts.amount.value:f}" if facts.amount else "",
        "strength_unit": facts.amount.unit if facts.amount else "",
        "form": facts.form,
        "long_acting": {True: "yes", False: "no", None: ""}[facts.long_acting],
        "schedule": facts.schedule or "",
    }


def _facts(old: Row, new: Row, compared: Sequence[str]) -> tuple[str, ...]:
    changed = [name for name in compared if name in old and name in new and old[name] != new[name]]
    return tuple(dict.fromkeys(FACTS.get(name, name.replace("_", " ")) for name in changed))
