"""A rule put once for each setting of its parameters, each to its own days, and joined to one."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace

from ibis.expr.types import DateScalar, Table

from ..in_force import InForce, Setting
from ..rule import Findings, Records


def find(in_force: InForce, records: Records) -> Findings:
    """Return the findings of a rule with the parameters that were in force on each day, as SQL.

    A day is judged by its own parameters, whatever it looks back at: the rule hears which
    days they are before it forms runs, so a run over a change of parameters is two. Values
    count in ``in_force.divisor``. With one setting for all days it is the rule itself.
    """
    settings = tuple(
        (s.first, s.last, tuple(s.values.items()), in_force.scale(s)) for s in in_force.settings
    )
    asked = in_force.rule.expression, settings
    return Findings(**records.planned((asked, shape(records)), lambda: _found(in_force, records)))


def shape(records: Records) -> Hashable:
    """Return what expressions on ``records`` depend on: their tables, and the days judged."""
    tables = {**vars(records), **records.kept}
    return (
        records.judged_from,
        records.judged_to,
        *((n, t.op()) for n, t in tables.items() if isinstance(t, Table | DateScalar)),
    )


def _found(in_force: InForce, records: Records) -> Mapping[str, Table]:
    """Return the parts of the findings as expressions."""
    if in_force.is_constant:
        return vars(in_force.rule.find(records, **in_force.settings[0].values))
    parts = [_put(in_force, records, setting) for setting in in_force.settings]
    return {
        "population": parts[0].population,
        "occurrences": _joined(parts, lambda part: part.occurrences),
        "evidence": _joined(parts, lambda part: part.evidence),
        # The same row may be unusable in several periods.
        "unusable": _joined(parts, lambda part: part.unusable).distinct(),
    }


def _put(in_force: InForce, records: Records, setting: Setting) -> Findings:
    """Return what is found in the days of one setting."""
    bounded = replace(records, judged_from=setting.first, judged_to=setting.last)
    found = in_force.rule.find(bounded, **setting.values)
    value = (found.occurrences.value * in_force.scale(setting)).cast("int64")
    return replace(found, occurrences=found.occurrences.mutate(value=value))


def _joined(parts: Sequence[Findings], of: Callable[[Findings], Table]) -> Table:
    first, *rest = (of(part) for part in parts)
    return first.union(*rest) if rest else first
