"""Changes of one input that would clear a flag; the oracle says whether they do."""

from .change import Change
from .exclusions import listed_otherwise
from .fills import later_fills
from .patients import fewer_of_class, fewer_patients, shorter_supply
from .providers import fewer_providers
from .quantities import fewer_units
from .visits import visits_with_vitals

__all__ = [
    "Change",
    "fewer_of_class",
    "fewer_patients",
    "fewer_providers",
    "fewer_units",
    "later_fills",
    "listed_otherwise",
    "shorter_supply",
    "visits_with_vitals",
]
