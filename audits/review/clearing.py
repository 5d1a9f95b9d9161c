"""A flag judged again by the rule's oracle: does it agree, and what would clear it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from ..catalogue import CATALOGUE, oracle
from ..changes import Change
from ..models import FlagState
from ..rule import Rule
from ..vocabulary import Answer
from .questions import question


@dataclass(frozen=True, kw_only=True)
class Reconsidered:
    """What the oracle says of a flag's subject at the flag's snapshot.

    ``lines`` are its arithmetic in plain sentences; ``agrees`` whether it finds every
    occurrence of the flag with the same severity and value; ``clears`` the changes of
    which each would make it say something else.
    """

    lines: Sequence[str]
    agrees: bool
    clears: Sequence[str]


def what_would_clear(state: FlagState) -> list[str]:
    """Return the changes of one input that would clear the flag, each tried on the oracle."""
    return list(reconsidered(state).clears)


def arithmetic(state: FlagState) -> tuple[list[str], bool]:
    """Return the oracle's sentences on the flag's subject, and whether it agrees with the flag."""
    said = reconsidered(state)
    return list(said.lines), said.agrees


def reconsidered(state: FlagState) -> Reconsidered:
    """Put the subject's history at the flag's snapshot to the rule's oracle.

    Raises LedgerError where the snapshot cannot be read.
    """
    rule = CATALOGUE[state.flag.rule]
    judge = oracle(rule).judge
    records, asked = question(rule, state)
    verdicts = [judge(records, parameters) for parameters in asked]
    lines, clears = [], []
    for parameters, verdict in zip(asked, verdicts, strict=True):
        days = _days(parameters) if len(asked) > 1 else ""
        lines += [days + line for line in verdict["arithmetic"]]
        if verdict["answer"] == FlagState.Verdict.FIRED:
            clears += [days + each for each in _clears(rule, judge, records, parameters)]
    return Reconsidered(lines=tuple(lines), agrees=_agrees(state, verdicts), clears=tuple(clears))


def _days(parameters: dict) -> str:
    """Return the days that these parameters judge, as the beginning of a sentence."""
    first, last = parameters["judge_from"], parameters["judge_to"]
    if first and last:
        return f"Days from {first} to {last}: "
    return f"Days from {first} on: " if first else f"Days up to {last}: "


def _clears(rule: Rule, judge: Callable, records: dict, parameters: dict) -> list[str]:
    """Return the sentences of the rule's changes that the oracle confirms."""
    return [
        change.sentence
        for change in _tried(rule.clearing(records, parameters, judge))
        if judge(change.apply(records), parameters)["answer"] != FlagState.Verdict.FIRED
    ]


def _tried(changes: Iterator[Change]) -> Iterator[Change]:
    """Yield ``changes`` until the rule finds no more.

    A search that runs dry inside a generator ends it with RuntimeError (PEP 479).
    """
    with suppress(RuntimeError):
        yield from changes


def _answer(verdicts: list[dict]) -> str:
    """Return the answer over all days: what fires on some of them fires."""
    found = {verdict["answer"] for verdict in verdicts}
    return next(answer.value for answer in Answer if answer in found)


def _agrees(state: FlagState, verdicts: list[dict]) -> bool:
    """Return whether the verdicts have the flag's answer and each occurrence it tells of."""
    found = {
        (o["definition"], o["first_on"].isoformat(), o["severity"], Fraction(o["value"]))
        for verdict in verdicts
        for o in verdict["occurrences"]
    }
    told = {
        (
            o["definition"],
            o["occurred_on"],
            o["severity"],
            Fraction(o["value"], state.value_divisor),
        )
        for o in state.occurrences
    }
    return _answer(verdicts) == state.verdict and told <= found
