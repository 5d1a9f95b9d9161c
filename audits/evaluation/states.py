"""From occurrences to what a flag says: the worst one speaks, the digest tells changes."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from ..in_force import InForce, Setting
from ..models import Evaluation, Flag, FlagState
from ..rule import Rule
from ..vocabulary import Severity
from .answering import Occurrence

FIRST_KEYS = 20
POINTS = {"info": 0, "low": 10, "medium": 20, "high": 40, "critical": 60}
MOST_EXCESS, MOST_OCCURRENCES, RECURRENCE = 20, 10, 10

Covered = Mapping[tuple[str, str, str], str]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the records say of a subject now: fired or suppressed, and by which occurrences."""

    verdict: str
    occurrences: tuple[Occurrence, ...]


def said(found: Sequence[Occurrence], covered: Covered) -> Said | None:
    """Return what is left to say of ``found`` beyond what decisions cover; None if nothing.

    An occurrence counts as covered when a decision saw it at this severity or a worse one.
    One free occurrence is enough to fire; only if all are excluded the flag is suppressed.
    """
    open_ones = [o for o in found if not is_covered(o.identity, o.severity, covered)]
    free = tuple(o for o in open_ones if o.excluded_by is None)
    if free:
        return Said(verdict=FlagState.Verdict.FIRED, occurrences=free)
    if open_ones and all(o.excluded_by for o in found):
        return Said(verdict=FlagState.Verdict.SUPPRESSED, occurrences=tuple(open_ones))
    return None


def is_covered(identity: tuple[str, str, str], severity: str, covered: Covered) -> bool:
    """Return whether a decision saw this occurrence at this severity or a worse one."""
    seen = covered.get(identity)
    return seen is not None and Severity(seen).gravity >= Severity(severity).gravity


def state_of(in_force: InForce, flag: Flag, now: Said, evaluation: Evaluation) -> FlagState:
    """Return the state, unsaved, that ``evaluation`` gives to ``flag``."""
    rule = in_force.rule
    occurrences = _worst_first(rule, now.occurrences)
    worst = occurrences[0]
    threshold = in_force.on(worst.occurred_on).values[rule.threshold_of(worst.definition)]
    times = worst.value / in_force.divisor / threshold if threshold else 0
    parts = _priority(times, worst, len(occurrences), bool(flag.recurrence_of_id))
    keys = sorted({key for o in occurrences for key in o.keys})
    state = FlagState(
        flag=flag,
        since=evaluation,
        verdict=now.verdict,
        reason=worst.excluded_by or "",
        severity=worst.severity,
        gravity=Severity(worst.severity).gravity,
        definition=worst.definition,
        value=worst.value,
        value_divisor=in_force.divisor,
        comparison=rule.parameters[rule.threshold_of(worst.definition)].comparison,
        threshold=str(threshold),
        unit=rule.unit_of(worst.definition),
        first_on=min(o.occurred_on for o in occurrences),
        last_on=max(o.last_on for o in occurrences),
        occurrences=[_told(o, in_force.on(o.occurred_on)) for o in occurrences],
        occurrence_count=len(occurrences),
        records=sum(o.records for o in occurrences),
        record_keys=keys[:FIRST_KEYS],
        evidence_digest=_digest([o.identity for o in occurrences]),
        quality=sorted({note for o in occurrences for note in o.notes}),
        holdings=sorted({o.shown["holding"] for o in occurrences if o.shown.get("holding")}),
        priority=sum(points for _, points in parts),
        priority_parts=parts,
        state=worst.state,
        prescriber=worst.prescriber,
    )
    state.state_digest = state_digest(state)
    return state


def recurrence(
    in_force: InForce, flag: Flag, pending: FlagState, told: Sequence[dict]
) -> FlagState:
    """Return the state, unsaved, of ``flag`` that says only ``told`` of all that ``pending`` says.

    Which of the record keys and quality notes belong to these is not kept, so all stay.
    """
    shared = {
        "keys": tuple(pending.record_keys),
        "notes": tuple(pending.quality),
        "state": pending.state,
        "prescriber": pending.prescriber,
    }
    occurrences = tuple(
        Occurrence(
            **{
                **{name: value for name, value in each.items() if name != "setting"},
                **shared,
                "occurred_on": date.fromisoformat(each["occurred_on"]),
                "last_on": date.fromisoformat(each["last_on"]),
            }
        )
        for each in told
    )
    now = Said(verdict=pending.verdict, occurrences=occurrences)
    return state_of(in_force, flag, now, pending.since)


def _worst_first(rule: Rule, occurrences: Sequence[Occurrence]) -> list[Occurrence]:
    """Return occurrences by severity, definition and value; ties in a fixed order."""
    return sorted(
        occurrences,
        key=lambda o: (
            *rule.precedence(o.severity, o.definition),
            -o.value,
            o.occurred_on,
            o.digest,
        ),
    )


def state_digest(state: FlagState) -> str:
    """Return SHA-256 over all that a state says; equal digests need no new row."""
    return _digest(
        [
            state.verdict,
            state.reason,
            state.severity,
            state.definition,
            state.value,
            state.value_divisor,
            state.comparison,
            state.threshold,
            state.unit,
            state.occurrences,
            state.records,
            state.quality,
            state.holdings,
            state.priority,
            state.state,
            state.prescriber,
        ]
    )


def _told(o: Occurrence, setting: Setting) -> dict:
    """Return an occurrence as JSON: its identity, dates, figures and the rule's own columns.

    Where other values than the card's judged it they are kept as ``setting``.
    """
    judged = {"setting": setting.told()} if setting.changed else {}
    shown = {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in o.shown.items()
    }
    return {
        "definition": o.definition,
        "occurred_on": o.occurred_on.isoformat(),
        "last_on": o.last_on.isoformat(),
        "digest": o.digest,
        "severity": o.severity,
        "value": o.value,
        "records": o.records,
        "excluded_by": o.excluded_by,
        "shown": shown,
        **judged,
    }


def identities(occurrences: Collection[dict]) -> dict[tuple[str, str, str], str]:
    """Return the severity of each told occurrence by its identity, as a decision covers it."""
    return {(o["definition"], o["occurred_on"], o["digest"]): o["severity"] for o in occurrences}


def _priority(times: float, worst: Occurrence, count: int, recurrent: bool) -> list[list]:
    """Return the named points that order the queue; each part is capped, none is hidden.

    ``times`` is how often the worst figure holds its threshold.
    """
    excess = min(MOST_EXCESS, max(0, int((times - 1) * 10)))
    parts = [
        [f"severity {worst.severity}", POINTS[worst.severity]],
        [f"{times:.1f} times the threshold", excess],
        [f"{count} occurrence{'' if count == 1 else 's'}", min(MOST_OCCURRENCES, count)],
        ["comes back after a decision", RECURRENCE if recurrent else 0],
    ]
    return [part for part in parts if part[1]]


def _digest(value: object) -> str:
    return sha256(json.dumps(value, separators=(",", ":"), sort_keys=True).encode()).hexdigest()
