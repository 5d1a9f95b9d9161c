"""NDCs whose schedule FDA and CDC list differently, and which one is in force on a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from . import schedules
from .directory import directory_of
from .drugs import Drug, DrugIdentity, match, schedule_on
from .products import CDC, FDA

Row = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """One NDC; schedules are II to V and "" for not scheduled.

    ``in_force`` is what the evaluation takes on the day asked for, None where the drug is not
    controlled or not known; ``why`` says by what, ``source`` are keys of the table ``sources``.
    """

    ndc: str
    name: str
    fda: str
    cdc: str
    in_force: str | None
    why: str
    source: str


def disagreements(fda: Iterable[Row], cdc: Iterable[Row], day: date) -> list[Disagreement]:
    """Return the codes in both tables whose schedules differ, in order of the codes.

    Codes that a table leaves out because it contradicts itself have no schedule there, and
    are passed over.
    """
    listed = {row["ndc"]: row for row in fda if row["ingredients"] or row["schedule"]}
    both = {row["ndc"]: row for row in cdc if row["ndc"] in listed}
    apart = [ndc for ndc in sorted(both) if listed[ndc]["schedule"] != both[ndc]["schedule"]]
    directory = directory_of(
        {FDA: [listed[ndc] for ndc in apart], CDC: [both[ndc] for ndc in apart]}
    )
    found = []
    for ndc in apart:
        drug = match(DrugIdentity(ndc11=ndc), directory)
        why, source = _why(drug, day)
        found.append(
            Disagreement(
                ndc=ndc,
                name=listed[ndc]["name"] or both[ndc]["name"],
                fda=listed[ndc]["schedule"],
                cdc=both[ndc]["schedule"],
                in_force=schedule_on(drug, day) if drug else None,
                why=why,
                source=source,
            )
        )
    return found


def _why(drug: Drug | None, day: date) -> tuple[str, str]:
    """Return by what the schedule is in force, in words, and the keys of its sources."""
    if drug is None:
        return "The two list different drugs under this code, so it means none.", ""
    these = schedules.rows_for(drug.ingredients, drug.form)
    row = schedules.row_in_force(these, day)
    named = f"{drug.ingredient}, {these[0]['product']}" if these else drug.ingredient
    if row is None:
        return f"The table of schedules has no row for {named} on this day.", ""
    if row["listing"] == "decides":
        return f"For {named} the listing of the package decides, which is FDA's.", row["source"]
    since = f" from {row['valid_from']}" if row["valid_from"] else ""
    until = f" to {row['valid_to']}" if row["valid_to"] else ""
    return f"The table of schedules: {named} is {row['schedule']}{since}{until}.", row["source"]
