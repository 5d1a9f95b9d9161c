"""The numbers on which comparison with peers turns, each with where it comes from."""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from ..rule import Parameter
from ..vocabulary import Basis

TENTHS = 10
PER_MILLE = 1000

# None is law. ``citation`` says where a number is usual; none was read in its source.
NONE, UNREAD = "our own choice", "not read in the source"
STANDARDS: Mapping[str, Parameter] = MappingProxyType(
    {
        "least_members": Parameter(
            default=30,
            unit="prescribers",
            comparison=">=",
            meaning="Members from which a peer group is compared at all",
            basis=Basis.HOUSE_DEFAULT,
            citation=NONE,
        ),
        "least_controlled": Parameter(
            default=20,
            unit="controlled prescriptions",
            comparison=">=",
            meaning="Controlled prescriptions in the window from which a prescriber is a member",
            basis=Basis.HOUSE_DEFAULT,
            citation=NONE,
        ),
        "inner_fence": Parameter(
            default=15,
            unit="tenths of the distance between the quartiles",
            comparison=">",
            meaning="Inner fence: so far above the upper quartile (Tukey)",
            basis=Basis.HOUSE_DEFAULT,
            citation=f"Tukey's fences, standard statistics; {UNREAD}",
        ),
        "outer_fence": Parameter(
            default=30,
            unit="tenths of the distance between the quartiles",
            comparison=">",
            meaning="Outer fence: so far above the upper quartile (Tukey)",
            basis=Basis.HOUSE_DEFAULT,
            citation=f"Tukey's fences, standard statistics; {UNREAD}",
        ),
        "z_scale": Parameter(
            default=6745,
            unit="ten-thousandths",
            meaning="Factor that makes the modified z comparable with standard deviations",
            basis=Basis.HOUSE_DEFAULT,
            citation=f"standard statistics; {UNREAD}",
        ),
        "warning_level": Parameter(
            default=950,
            unit="per mille",
            meaning="Part of the members that chance alone leaves within the inner funnel",
            basis=Basis.HOUSE_DEFAULT,
            citation=f"usual in funnel plots, Spiegelhalter 2005; {UNREAD}",
        ),
        "alarm_level": Parameter(
            default=998,
            unit="per mille",
            meaning="Part of the members that chance alone leaves within the outer funnel",
            basis=Basis.HOUSE_DEFAULT,
            citation=f"usual in funnel plots, Spiegelhalter 2005; {UNREAD}",
        ),
    }
)
LEAST_MEMBERS = STANDARDS["least_members"].default
LEAST_CONTROLLED = STANDARDS["least_controlled"].default
INNER_FENCE = Fraction(STANDARDS["inner_fence"].default, TENTHS)
OUTER_FENCE = Fraction(STANDARDS["outer_fence"].default, TENTHS)
Z_SCALE = Fraction(STANDARDS["z_scale"].default, 10_000)
WARNING = Fraction(STANDARDS["warning_level"].default, PER_MILLE)
ALARM = Fraction(STANDARDS["alarm_level"].default, PER_MILLE)
