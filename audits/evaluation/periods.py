"""A rule put once for each setting of its parameters, each to its own days, and joined to one."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from .. import engine
from ..in_force import InForce, Setting
from ..rule import Findings, Records


def find(backend: Backend, in_force: InForce, records: Records) -> Findings:
    """Return the findings of a rule with the parameters that were in force on each day.

    A day is judged by its own parameters, whatever it looks back at: the rule hears which
    days they are before it forms runs, so a run over a change of parameters is two. Values
    count in ``in_force.divisor``. With one setting for all days it is the rule itself.
    """
    if in_force.is_constant:
        return in_force.rule.find(records, **in_force.settings[0].values)
    parts = [
        _put(backend, in_force, records, setting, number)
        for number, setting in enumerate(in_force.settings)
    ]
    return Findings(
        population=parts[0].population,
        occurrences=_joined(parts, lambda part: part.occurrences),
        evidence=_joined(parts, lambda part: part.evidence),
        # The same row may be unusable in several periods.
        unusable=_joined(parts, lambda part: part.unusable).distinct(),
    )


def _put(
    backend: Backend, in_force: InForce, records: Records, setting: Setting, number: int
) -> Findings:
    """Return what is found in the days of one setting, computed.

    At once, for the tables that rules share are made anew when the next setting is put.
    """
    bounded = replace(records, judged_from=setting.first, judged_to=setting.last)
    found = in_force.rule.find(bounded, **setting.values)
    value = (found.occurrences.value * in_force.scale(setting)).cast("int64")
    parts = {**vars(found), "occurrences": found.occurrences.mutate(value=value)}
    return Findings(
        **{
            name: engine.store(backend, f"{name}_of_setting_{number}", table)
            for name, table in parts.items()
        }
    )


def _joined(parts: Sequence[Findings], of: Callable[[Findings], Table]) -> Table:
    first, *rest = (of(part) for part in parts)
    return first.union(*rest) if rest else first
