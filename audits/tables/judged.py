"""By which values an occurrence was judged: since when, on what they rest, who approved them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..catalogue import CATALOGUE
from ..in_force import told_value
from ..models import FlagState, ParameterChange
from ..reference.dated import DatedValue
from ..rule import Rule
from ..vocabulary import Basis

HOUSE = "A house default: no authority stands behind this number, it is our choice."
CARD = "as the rule has it"
Days = tuple[str | None, str | None]


@dataclass(frozen=True, kw_only=True)
class Value:
    """One number of a rule as it was on some days.

    ``since`` says from when on, ``rests_on`` on what, ``change`` is the approved change it
    comes from, None for a number that stands on the rule's card.
    """

    name: str
    meaning: str
    sign: str
    value: int
    unit: str
    since: str
    rests_on: str
    change: ParameterChange | None


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The days of one setting, how many occurrences it judged, and its numbers."""

    days: str
    occurrences: int
    values: Sequence[Value]


def settings_of(state: FlagState) -> Sequence[Judged]:
    """Return every setting that judged occurrences of the flag, in the order of their days.

    Empty where the numbers on the rule's card judged all of them.
    """
    told = sorted(state.occurrences, key=lambda each: each["occurred_on"])
    if not any(each.get("setting") for each in told):
        return []
    rule = CATALOGUE[state.flag.rule]
    parts: dict[Days, list[dict]] = {}
    for each in told:
        parts.setdefault(_days_of(each), []).append(each)
    return [_judged(rule, days, part) for days, part in parts.items()]


def value_of(state: FlagState, told: Mapping, name: str) -> int:
    """Return the value of a parameter that judged an occurrence of the flag."""
    return told_value(CATALOGUE[state.flag.rule], told, name)


def line_of(state: FlagState, told: Mapping) -> str:
    """Return the line that an occurrence was held against, with its unit and first day."""
    rule = CATALOGUE[state.flag.rule]
    name = rule.threshold_of(told["definition"])
    change = entry_of(told, name)
    said = f"{rule.parameters[name].comparison} {told_value(rule, told, name):,} "
    since = f", in force from {change['valid_from']} on" if change else f", {CARD}"
    return said + rule.parameters[name].unit + since


def rests_on(rule: Rule, name: str, entry: Mapping | None) -> str:
    """Return on what a value rests: that of a change, or without one that of the card."""
    parameter = rule.parameters[name]
    basis = entry["basis"] if entry else parameter.basis.value
    words = HOUSE if basis == Basis.HOUSE_DEFAULT else basis.capitalize()
    source = entry["source"] if entry else parameter.citation
    return f"{words.removesuffix('.')}: {source}" if source else words


def approved(entry: Mapping) -> ParameterChange | None:
    """Return the newest approved change that says what ``entry`` says, with its people."""
    found = ParameterChange.objects.filter(
        status=ParameterChange.Status.APPROVED, **vars(DatedValue.of_entry(entry))
    )
    return found.select_related("proposed_by", "decided_by").order_by("-pk").first()


def _days_of(told: Mapping) -> Days:
    setting = told.get("setting") or {}
    return setting.get("first"), setting.get("last")


def entry_of(told: Mapping, name: str) -> Mapping | None:
    """Return the change of a parameter that judged an occurrence, None where the card's did."""
    changes = (told.get("setting") or {}).get("changes", ())
    return next((entry for entry in changes if entry["parameter"] == name), None)


def _judged(rule: Rule, days: Days, told: Sequence[Mapping]) -> Judged:
    names = dict.fromkeys(_asked(rule, told))
    return Judged(
        days=_words(days, told[0]),
        occurrences=len(told),
        values=[_value(rule, told[0], name) for name in rule.parameters if name in names],
    )


def _asked(rule: Rule, told: Sequence[Mapping]) -> Iterable[str]:
    """Yield the parameters to show: the lines of the definitions, and whatever was changed."""
    for each in told:
        yield from rule.lines_of(each["definition"])
    for entry in (told[0].get("setting") or {}).get("changes", ()):
        yield entry["parameter"]


def _words(days: Days, told: Mapping) -> str:
    first, last = days
    if first and last:
        return f"Days from {first} to {last}"
    if first or last:
        return f"Days from {first} on" if first else f"Days up to {last}"
    return "All days" if told.get("setting") else f"Days on which all is {CARD}"


def _value(rule: Rule, told: Mapping, name: str) -> Value:
    parameter, entry = rule.parameters[name], entry_of(told, name)
    return Value(
        name=name,
        meaning=parameter.meaning,
        sign=parameter.comparison,
        value=told_value(rule, told, name),
        unit=parameter.unit,
        since=f"from {entry['valid_from']} on" if entry else CARD,
        rests_on=rests_on(rule, name, entry),
        change=approved(entry) if entry else None,
    )
