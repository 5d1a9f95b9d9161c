"""How the ordinary practice is spread, as it is meant to be and as its files are.

Most prescribers see a few patients and a few see hundreds, most patients get a few fills
and a few get one a month for years: what makes queries slow and averages mean little.
The figures are our own choice and not those of any practice.
"""

from collections.abc import Mapping
from types import MappingProxyType

from .practice import STATES, TRADES

# Lowest and highest value from 50,000 prescriptions on, whatever the seed.
STATED: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "patients_per_prescriber_p50": (7, 11),
        "patients_per_prescriber_p99": (130, 230),
        "fills_per_patient_p50": (2, 3),
        "fills_per_patient_p99": (19, 22),
        "controlled_share": (0.34, 0.40),
    }
)
SHARES_WITHIN = 0.06  # of what is meant, up or down
STATE_SHARES = MappingProxyType(
    {state: share / sum(STATES.values()) for state, share in STATES.items()}
)
ROLE_GROUP_SHARES = MappingProxyType({trade: share / 100 for trade, (*_, share) in TRADES.items()})


def figures() -> dict:
    """Return all that is stated: bounds, shares of prescriptions by state, of prescribers by
    role group, and how far the shares may be off."""
    return {
        **{name: list(bounds) for name, bounds in STATED.items()},
        "states": dict(STATE_SHARES),
        "role_groups": dict(ROLE_GROUP_SHARES),
        "shares_within": SHARES_WITHIN,
    }
