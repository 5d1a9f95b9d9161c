"""What a flag says, as plain values that two databases can be compared by."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from ..catalogue import CATALOGUE
from ..in_force import told_value
from ..models import FlagState

OF_RULE = ("value_divisor", "comparison", "threshold", "unit")
OF_SUBJECT = ("quality", "holdings", "record_keys", "state", "prescriber", "evidence_digest")
GRAVITIES: Mapping[str, int] = MappingProxyType(
    {"info": 0, "low": 1, "medium": 2, "high": 3, "critical": 4}
)

Identity = tuple[str, str, str]


def told(state: FlagState) -> dict:
    """Return all that a state says of its flag, but for its place in the queue."""
    return {
        "rule": state.flag.rule,
        "subject": state.flag.subject_id,
        "subject_kind": state.flag.subject_kind,
        "verdict": state.verdict,
        "reason": state.reason,
        "severity": state.severity,
        "gravity": state.gravity,
        "definition": state.definition,
        "value": state.value,
        "first_on": state.first_on.isoformat(),
        "last_on": state.last_on.isoformat(),
        "records": state.records,
        "occurrence_count": state.occurrence_count,
        "occurrences": state.occurrences,
        **{name: getattr(state, name) for name in (*OF_RULE, *OF_SUBJECT)},
    }


def expected(fresh: dict, covers: Mapping[Identity, Collection[str]]) -> dict | None:
    """Return what the undecided flag must say beyond what decisions cover; None: no flag.

    ``covers`` gives the severities at which decisions saw an occurrence. Where something is
    covered only what follows from the occurrences themselves is told.
    """
    left = [each for each in fresh["occurrences"] if not _is_covered(each, covers)]
    if not left:
        return None
    if len(left) == len(fresh["occurrences"]):
        return fresh
    worst = min(left, key=lambda each: _order(fresh["rule"], each))
    return {
        **{name: fresh[name] for name in ("rule", "subject", "subject_kind", "verdict")},
        **_of_worst(fresh, worst),
        "reason": worst["excluded_by"] or "",
        "severity": worst["severity"],
        "gravity": GRAVITIES[worst["severity"]],
        "definition": worst["definition"],
        "value": worst["value"],
        "first_on": min(each["occurred_on"] for each in left),
        "last_on": max(each["last_on"] for each in left),
        "records": sum(each["records"] for each in left),
        "occurrence_count": len(left),
        "occurrences": left,
    }


def _of_worst(fresh: dict, worst: Mapping) -> dict:
    """Return what a state says of the line that its worst occurrence was held against."""
    rule = CATALOGUE[fresh["rule"]]
    name = rule.threshold_of(worst["definition"])
    return {
        "value_divisor": fresh["value_divisor"],
        "comparison": rule.parameters[name].comparison,
        "threshold": str(told_value(rule, worst, name)),
        "unit": rule.unit_of(worst["definition"]),
    }


def differing(wanted: dict, shown: dict) -> list[str]:
    """Return the fields in which a flag does not say what is ``wanted`` of it."""
    differ = [name for name in wanted if name != "occurrences" and shown[name] != wanted[name]]
    if _sorted(wanted["occurrences"]) != _sorted(shown["occurrences"]):
        differ.append("occurrences")
    return differ


def _identity(each: dict) -> Identity:
    return each["definition"], each["occurred_on"], each["digest"]


def _sorted(occurrences: object) -> list[dict] | None:
    """Return occurrences by their identity, None where they are no such list."""
    try:
        return sorted(occurrences, key=_identity)
    except (KeyError, TypeError):
        return None


def _is_covered(each: dict, covers: Mapping[Identity, Collection[str]]) -> bool:
    seen = covers.get(_identity(each), ())
    return any(GRAVITIES[severity] >= GRAVITIES[each["severity"]] for severity in seen)


def _order(rule: str, each: dict) -> tuple:
    """Return the sorting key of an occurrence: the worst first."""
    place = list(CATALOGUE[rule].definitions).index(each["definition"])
    graver = -GRAVITIES[each["severity"]]
    return graver, place, -each["value"], each["occurred_on"], each["digest"]
