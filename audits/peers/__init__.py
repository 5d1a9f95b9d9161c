"""Comparison with peers: who is compared with whom, on what, and what differs by more than chance.

Nothing here raises a flag. A value far from those of its peers is a question, not an answer:
groups are made of a specialty on record and a state, and both may be wrong.
"""

from .counting import COUNTS, WINDOWS, counted
from .funnel import Alarms, Counted, Funnel, Limits, Point, funnel_of, limits
from .groups import Choice, Ground, Group, Person, choose, group_of
from .measures import MEASURES, SHARES, Measure
from .spread import Position, Spread, Standing, position_in, spread_of
from .standards import ALARM, LEAST_CONTROLLED, LEAST_MEMBERS, STANDARDS, WARNING

__all__ = [
    "ALARM",
    "COUNTS",
    "LEAST_CONTROLLED",
    "LEAST_MEMBERS",
    "MEASURES",
    "SHARES",
    "STANDARDS",
    "WARNING",
    "WINDOWS",
    "Alarms",
    "Choice",
    "Counted",
    "Funnel",
    "Ground",
    "Group",
    "Limits",
    "Measure",
    "Person",
    "Point",
    "Position",
    "Spread",
    "Standing",
    "choose",
    "counted",
    "funnel_of",
    "group_of",
    "limits",
    "position_in",
    "spread_of",
]
