"""What the cards of rules about patients share: what excuses them."""

from collections.abc import Sequence
from dataclasses import dataclass

from .reference import diagnoses
from .rule import Exclusion
from .vocabulary import Basis, Reason

EXCUSED_BY_ILLNESS = (
    Exclusion(
        reason=Reason.CANCER,
        test="a cancer diagnosis or treatment type 03 in the 365 days up to the window's end",
        basis=Basis.MEASURE,
    ),
    Exclusion(
        reason=Reason.HOSPICE,
        test="palliative care (Z51.5), hospice setting or treatment type 04 or 05 in the "
        "365 days up to the window's end",
        basis=Basis.MEASURE,
    ),
    Exclusion(
        reason=Reason.SICKLE_CELL,
        test="sickle cell disease (D57 without D57.3) on or before the window's end",
        basis=Basis.HOUSE_DEFAULT,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Tier:
    """One criterion for several prescribers and pharmacies in the days up to a prescription.

    ``group`` is the boolean column of the rows it counts, ``days`` the length of its window.
    It asks for ``prescribers`` and ``pharmacies``, or for ``prescribers_alone`` or
    ``pharmacies_alone`` (None: that is not enough); besides for so many distinct ``dates``,
    a sum of days supply of ``supply``, an ``adult``, and, where ``dose_days`` is above 0, a
    window of that many days inside the tier's with doses above ``dose_floor`` (their sum in
    thousandths of an MME; see ``enrichment.rolling``), not excused unless ``any_dose``. It is
    ``graver`` instead of ``severity`` with a benzodiazepine in the window (``sedated``) or
    with both prescribers and pharmacies (``both``).
    """

    group: str
    days: int
    prescribers: int
    pharmacies: int
    severity: str
    prescribers_alone: int | None = None
    pharmacies_alone: int | None = None
    dates: int = 1
    supply: int = 0
    adult: bool = False
    dose_days: int = 0
    dose_floor: int = 0
    any_dose: bool = False
    graver: str = ""
    when: str = ""


def diagnosis_sets(names: Sequence[str]) -> dict[str, dict]:
    """Return sets of diagnoses as oracles take them: prefixes that put in and take out."""
    spelled = diagnoses.spelled_out(names)
    return {name: {"include": include, "exclude": exclude} for name, (include, exclude) in spelled}
