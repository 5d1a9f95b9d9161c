"""A rule's parameters over time: what stands on its card, and what people put in its place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from hashlib import sha256
from math import lcm

from .reference.dated import DatedValue, Entry
from .rule import Parameter, Rule, RuleError
from .vocabulary import Basis

ONE_DAY = timedelta(days=1)
MOST_DAYS, MOST = 3_650, 100_000  # what the product can count with, no law
EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The values of all parameters on the days from ``first`` to ``last``, None where open.

    ``changed`` are those that stand in the place of the card's own, by parameter.
    """

    first: date | None
    last: date | None
    values: Mapping[str, int]
    changed: Mapping[str, DatedValue]

    def told(self) -> dict:
        """Return what an occurrence keeps of it; empty where the card alone speaks."""
        if not self.changed:
            return {}
        first, last = (day and day.isoformat() for day in (self.first, self.last))
        entries = [self.changed[name].as_entry() for name in sorted(self.changed)]
        return {"first": first, "last": last, "changes": entries}


@dataclass(frozen=True)
class InForce:
    """A rule's settings in the order of their days; days between two are not judged at all."""

    rule: Rule
    settings: tuple[Setting, ...]

    @property
    def is_constant(self) -> bool:
        """Return whether all days have one and the same setting."""
        only = self.settings[0]
        return len(self.settings) == 1 and only.first is only.last is None

    def on(self, day: date) -> Setting:
        """Return the setting of ``day``; raises RuleError where none is in force."""
        for each in self.settings:
            if (each.first or date.min) <= day <= (each.last or date.max):
                return each
        raise RuleError(f"{self.rule.name}: no parameters are in force on {day}")

    @cached_property
    def divisor(self) -> int:
        """Return what values are divided by to give the unit, one for all settings."""
        return lcm(*(self.rule.divisor(each.values) for each in self.settings))

    def scale(self, setting: Setting) -> int:
        """Return by what a value of ``setting`` is multiplied to count in ``divisor``."""
        return self.divisor // self.rule.divisor(setting.values)

    @property
    def digest(self) -> str:
        """Return SHA-256 over all values with their days and what they rest on."""
        first = self.settings[0]
        plain: object = sorted(first.values.items())
        if not self.is_constant or first.changed:
            plain = [
                (str(each.first), str(each.last), sorted(each.values.items()), each.told())
                for each in self.settings
            ]
        return sha256(repr(plain).encode()).hexdigest()


def settings_of(rule: Rule, entries: Iterable[Entry] = ()) -> InForce:
    """Return the settings of ``rule`` with ``entries`` in the place of what its card says.

    Where the card gives a parameter dates of its own, days outside them that no entry covers
    are not judged. Raises RuleError where that leaves no day.
    """
    dated = [DatedValue.of_entry(each) for each in entries if each["rule"] == rule.name]
    mine = [each for each in dated if each.parameter in rule.parameters]
    starts = sorted({date.min, *_starts(mine), *_starts(rule.parameters.values())})
    ends = [start - ONE_DAY for start in starts[1:]] + [date.max]
    settings = [_setting(rule, mine, *span) for span in zip(starts, ends, strict=True)]
    judged = tuple(each for each in settings if each is not None)
    if not judged:
        raise RuleError(f"{rule.name}: its parameters are never in force together")
    return InForce(rule, judged)


def _starts(spans: Iterable[DatedValue | Parameter]) -> Iterable[date]:
    """Yield the days on which one of the spans begins, or has just ended."""
    for each in spans:
        if each.valid_from:
            yield each.valid_from
        if each.valid_to and each.valid_to < date.max:
            yield each.valid_to + ONE_DAY


def _setting(rule: Rule, dated: Sequence[DatedValue], first: date, last: date) -> Setting | None:
    """Return the setting of days on which nothing changes, None where a value is missing."""
    changed = {each.parameter: each for each in dated if each.holds_on(first)}
    values = {}
    for name, parameter in rule.parameters.items():
        begins, ends = parameter.valid_from or date.min, parameter.valid_to or date.max
        if name in changed:
            values[name] = changed[name].value
        elif begins <= first <= ends:
            values[name] = parameter.default
        else:
            return None
    return Setting(
        first=None if first == date.min else first,
        last=None if last == date.max else last,
        values=values,
        changed=changed,
    )


def told_value(rule: Rule, told: Mapping, name: str) -> int:
    """Return the value of a parameter that judged an occurrence, as the occurrence keeps it."""
    for entry in told.get("setting", {}).get("changes", ()):
        if entry["parameter"] == name:
            return entry["value"]
    return rule.parameters[name].default


def bounds(parameter: Parameter) -> tuple[int, int]:
    """Return the least and the greatest value that may stand in the place of the card's own."""
    return min(1, parameter.default), MOST_DAYS if parameter.unit.startswith("days") else MOST


def fault(parameter: Parameter, dated: DatedValue) -> str:
    """Return what is wrong with a value, in one sentence; empty where nothing is."""
    least, most = bounds(parameter)
    if not least <= dated.value <= most:
        return f"Give a whole number from {least:,} to {most:,} {parameter.unit}."
    if dated.basis not in set(Basis):
        return f"It can rest on: {', '.join(Basis)}."
    if dated.valid_from < EARLIEST:
        return f"The first day lies before {EARLIEST}."
    return ""
