"""What is compared: a small register of measures, each a number over what it is a part of."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

PICOGRAMS = 1_000_000_000  # in a milligram: millionths of strength times thousandths of quantity


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure: ``numerator`` over ``denominator``, columns of ``counts``.

    ``over`` says the denominator in words; the empty column is the window as a whole.
    ``lacks`` names a column that must be 0 for the value to be known. Without a denominator
    the value is 0 where ``is_zero_without``, else unknown. ``rows`` narrows a prescriber's
    rows to those behind the numerator, as their page's address does.
    """

    name: str
    title: str
    over: str
    meaning: str
    unknown: str
    numerator: str
    denominator: str = ""
    divisor: int = 1
    unit: str = ""
    lacks: str = ""
    is_zero_without: bool = False
    is_share: bool = False
    rows: tuple[tuple[str, str], ...] = (("schedule", "controlled"),)

    def value(self, counts: Mapping[str, int]) -> Fraction | None:
        """Return the exact value of one prescriber's counts; None where it cannot be known."""
        if self.lacks and counts[self.lacks]:
            return None
        of = counts[self.denominator] if self.denominator else 1
        if not of:
            return Fraction(0) if self.is_zero_without else None
        return Fraction(counts[self.numerator], of * self.divisor)


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        measure.name: measure
        for measure in (
            Measure(
                name="controlled",
                title="Controlled prescriptions",
                over="the window",
                meaning="Prescriptions as written of schedules II to V.",
                unknown="",
                numerator="controlled",
            ),
            Measure(
                name="controlled_per_patient",
                title="Controlled prescriptions a patient",
                over="patients with a controlled prescription",
                meaning="How many of them each patient who got any got in the window.",
                unknown="no patient had a controlled prescription",
                numerator="controlled",
                denominator="patients",
            ),
            Measure(
                name="opioid_share",
                title="Opioids for pain",
                over="controlled prescriptions",
                meaning="The part of controlled prescriptions that are opioids taken for pain; "
                "what treats opioid use disorder or a cough is not among them.",
                unknown="no controlled prescription",
                numerator="opioids",
                denominator="controlled",
                is_share=True,
                rows=(("schedule", "controlled"), ("opioid", "on")),
            ),
            Measure(
                name="schedule_ii_share",
                title="Schedule II",
                over="controlled prescriptions",
                meaning="The part of controlled prescriptions that are of schedule II.",
                unknown="no controlled prescription",
                numerator="schedule_ii",
                denominator="controlled",
                is_share=True,
                rows=(("schedule", "II"),),
            ),
            Measure(
                name="ketamine_mg_per_patient",
                title="Ketamine, mg a patient",
                over="patients with ketamine",
                meaning="Strength times quantity of ketamine, not esketamine; 0 without any.",
                unknown="the amount of a ketamine prescription cannot be told",
                numerator="ketamine_picograms",
                denominator="ketamine_patients",
                divisor=PICOGRAMS,
                unit="mg",
                lacks="ketamine_untold",
                is_zero_without=True,
                rows=(("ingredient", "ketamine"),),
            ),
            Measure(
                name="pharmacies",
                title="Distinct pharmacies",
                over="the window",
                meaning="Pharmacies named on controlled prescriptions; those that name none add "
                "nothing.",
                unknown="no controlled prescription names a pharmacy",
                numerator="pharmacies",
                lacks="pharmacies_untold",
            ),
            Measure(
                name="days_per_patient",
                title="Days of supply a patient",
                over="patients with usable days",
                meaning="Days of all controlled prescriptions with 1 to 180 days, for each "
                "patient.",
                unknown="no controlled prescription has usable days",
                numerator="days_supply",
                denominator="days_patients",
                unit="days",
            ),
        )
    }
)
SHARES = tuple(name for name, measure in MEASURES.items() if measure.is_share)
