"""What the rules said, held against the truth: recall, precision, days, and what lies outside."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

from .. import exports
from ..catalogue import CATALOGUE
from ..models import FlagState, Source
from ..rule import Rule
from ..vocabulary import Answer, Severity
from .truth import Expected, TruthError, read


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a rule said of one subject; ``first_on`` is the first day of its flag, if it has one."""

    answer: Answer
    severity: str | None
    first_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Case:
    """One subject of the truth, with what the rule said of it."""

    expected: Expected
    told: Told

    @property
    def planted(self) -> bool:
        """Return whether a flag was to be raised."""
        return self.expected.answer == Answer.FIRED

    @property
    def flagged(self) -> bool:
        """Return whether a flag was raised."""
        return self.told.answer == Answer.FIRED

    @property
    def graded_wrong(self) -> bool:
        """Return whether the answer is right and its severity is not."""
        right = self.told.answer == self.expected.answer
        return right and self.told.severity != self.expected.severity

    @property
    def days(self) -> int | None:
        """Return the days from the scheme's first event to the first day its flag speaks of."""
        begun, seen = self.expected.first_event, self.told.first_on
        return (seen - begun).days if begun and seen and self.planted else None


@dataclass(frozen=True, kw_only=True)
class Score:
    """The figures of some cases; shares are None where there is nothing to divide by.

    Recall: planted schemes that were flagged, of those planted. Precision: flags on planted
    schemes, of all flags on subjects that the truth knows. ``days`` are those from a scheme's
    first event to the first day its flag speaks of, of each scheme that was found.
    """

    planted: int
    found: int
    look_alikes_flagged: int
    graded_wrong: int
    days: tuple[int, ...]

    @property
    def recall(self) -> float | None:
        """Return the share of the planted schemes that were found."""
        return self.found / self.planted if self.planted else None

    @property
    def precision(self) -> float | None:
        """Return the share of the flags on known subjects that belong to a planted scheme."""
        flags = self.found + self.look_alikes_flagged
        return self.found / flags if flags else None

    @property
    def median_days(self) -> float | None:
        """Return the median of ``days``, None where there are none."""
        return median(self.days) if self.days else None


@dataclass(frozen=True, kw_only=True)
class Board:
    """Everything that was compared: the cases of each rule, and its flags outside the truth."""

    source: str
    cases: Mapping[str, Sequence[Case]]
    outside: Mapping[str, Sequence[tuple[str, str | None]]]

    def of_rule(self, number: str) -> Score:
        """Return the score of all cases of a rule."""
        return _score(self.cases[number])

    def by_severity(self, number: str) -> Iterator[tuple[str, Score]]:
        """Yield a rule's scores by severity: the planted by what they should have, flags on
        look-alikes by what they got."""
        for severity in Severity:
            if mine := [c for c in self.cases[number] if _counts_as(c) == severity]:
                yield severity.value, _score(mine)

    @property
    def ok(self) -> bool:
        """Return whether every planted scheme was found and no look-alike flagged."""
        every = [case for cases in self.cases.values() for case in cases]
        return all(case.planted == case.flagged for case in every)


def compare(path: Path, source_name: str = "") -> Board:
    """Compare the truth in ``path`` with the answers of the last published evaluation.

    ``source_name`` may be left out where one source is synthetic. Raises TruthError
    and exports.NothingEvaluated.
    """
    source = _source(source_name)
    expected = read(path, source)
    cases, outside = {}, {}
    for rule in CATALOGUE.values():
        known = expected.get(rule.number, {})
        told, others = _told(rule, known)
        cases[rule.number] = [Case(expected=each, told=told[s]) for s, each in known.items()]
        outside[rule.number] = others
    return Board(source=source.name, cases=cases, outside=outside)


def _score(cases: Sequence[Case]) -> Score:
    return Score(
        planted=sum(case.planted for case in cases),
        found=sum(case.planted and case.flagged for case in cases),
        look_alikes_flagged=sum(case.flagged and not case.planted for case in cases),
        graded_wrong=sum(case.graded_wrong for case in cases),
        days=tuple(case.days for case in cases if case.days is not None),
    )


def _counts_as(case: Case) -> str | None:
    """Return the severity under which a case is counted, None for what nobody should see."""
    return case.told.severity if case.flagged and not case.planted else case.expected.severity


def _source(name: str) -> Source:
    """Return the synthetic source of that name, or the only one there is."""
    found = list(Source.objects.filter(synthetic=True))
    if name:
        found = [source for source in found if source.name == name]
    if len(found) == 1:
        return found[0]
    if name or not found:
        raise TruthError(
            f"There is no synthetic source{f' called {name!r}' if name else ''}. "
            "Take the invented files in with: manage.py ingest --synthetic."
        )
    known = ", ".join(source.name for source in found)
    raise TruthError(f"Several sources are synthetic; say which by --source: {known}.")


def _told(
    rule: Rule, known: Mapping[str, Expected]
) -> tuple[Mapping[str, Told], list[tuple[str, str | None]]]:
    """Return what the rule said of the known subjects, and its flags on others.

    Of whom a rule does not speak at all there is nothing to flag.
    """
    first = _first_days(rule)
    told = dict.fromkeys(known, Told(answer=Answer.CLEAR, severity=None))
    outside = []
    for subject, answer, _, severity, _ in exports.answer_rows(rule):
        if subject in known:
            on = first.get(subject)
            told[subject] = Told(answer=Answer(answer), severity=severity, first_on=on)
        elif answer == Answer.FIRED:
            outside.append((subject, severity))
    return told, outside


def _first_days(rule: Rule) -> dict[str, date]:
    """Return the first day that the flags on each subject speak of."""
    first: dict[str, date] = {}
    fired = FlagState.objects.seen().filter(flag__rule=rule.name, verdict="fired")
    for subject, on in fired.values_list("flag__subject_id", "first_on").iterator():
        first[subject] = min(on, first.get(subject, on))
    return first
