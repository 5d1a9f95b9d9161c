"""``manage.py scoreboard``: do the rules find what is known to be there, and nothing else?"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audits import scoreboard
from audits.exports import NothingEvaluated
from audits.management.console import Console, Refusal
from audits.scoreboard import Board, Case, Score, TruthError


class Command(Console):
    """Compare the answers of the newest evaluation with a truth.csv; nothing is changed."""

    help = (
        "Compare the newest answers with truth.csv; exit 1 where a planted scheme was missed or a "
        "look-alike flagged."
    )

    def add_options(self, parser: CommandParser) -> None:
        """Declare the truth and the source it speaks of."""
        parser.add_argument("--truth", type=Path, required=True, metavar="FILE")
        parser.add_argument("--source", default="", metavar="S", help="synthetic source it is of")

    def answer(self, **options: Any) -> tuple[dict, int]:
        """Return scores and differences; status 1 where one was missed or raised wrongly."""
        try:
            board = scoreboard.compare(options["truth"], options["source"])
        except (TruthError, NothingEvaluated) as error:
            raise Refusal(str(error)) from None
        cases = [case for cases in board.cases.values() for case in cases]
        return {
            "ok": board.ok,
            "source": board.source,
            "rules": {number: _of_rule(board, number) for number in board.cases},
            "missed": [_named(c) for c in cases if c.planted and not c.flagged],
            "look_alikes_flagged": [_named(c) for c in cases if c.flagged and not c.planted],
            "wrong_severities": [_named(c) for c in cases if c.graded_wrong],
            "other_answers": [
                _named(c)
                for c in cases
                if not (c.planted or c.flagged) and c.told.answer != c.expected.answer
            ],
            "outside": {
                number: [{"subject": subject, "severity": severity} for subject, severity in flags]
                for number, flags in board.outside.items()
            },
        }, int(not board.ok)

    def tell(self, answer: dict) -> None:
        """Print a line for each rule and severity, then every difference and flag outside."""
        self.stdout.write(LINE.format(*HEAD))
        for number, score in answer["rules"].items():
            self._line(number, "all", score)
            for severity, part in score["by_severity"].items():
                self._line("", severity, part)
        for title in ("missed", "look_alikes_flagged", "wrong_severities", "other_answers"):
            self.stdout.write(f"{title.replace('_', ' ')}: {len(answer[title]):,}")
            for each in answer[title]:
                self.stdout.write(
                    f"  {each['rule']} {each['scheme']}, {each['subject']}: expected "
                    f"{each['expected']} {each['severity'] or ''}".rstrip()
                    + f", told {each['answer']} {each['told_severity'] or ''}".rstrip()
                )
        for number, flags in answer["outside"].items():
            self.stdout.write(f"{number} flags on subjects outside the truth: {len(flags):,}")
            for each in flags:
                self.stdout.write(f"  {each['subject']}: {each['severity']}")

    def _line(self, number: str, severity: str, score: dict) -> None:
        days = score["days_to_first_flag"]
        cells = (score["planted"], score["found"], _share(score["recall"]))
        cells += (score["look_alikes_flagged"], _share(score["precision"]))
        cells += (score["wrong_severities"], _days(days["median"]), _days(days["most"]))
        self.stdout.write(LINE.format(number, severity, *cells))


HEAD = ("rule", "severity", "planted", "found", "recall", "look-alikes", "precision")
HEAD += ("wrong severity", "median days", "most days")
LINE = "{:5} {:9} {:>8} {:>6} {:>7} {:>12} {:>10} {:>15} {:>12} {:>10}"


def _of_rule(board: Board, number: str) -> dict:
    parts = {severity: _figures(score) for severity, score in board.by_severity(number)}
    others = sum(not case.planted for case in board.cases[number])
    score = _figures(board.of_rule(number))
    return score | {
        "look_alikes": others,
        "outside": len(board.outside[number]),
        "by_severity": parts,
    }


def _figures(score: Score) -> dict:
    return {
        "planted": score.planted,
        "found": score.found,
        "recall": score.recall,
        "look_alikes_flagged": score.look_alikes_flagged,
        "precision": score.precision,
        "wrong_severities": score.graded_wrong,
        "days_to_first_flag": {
            "median": score.median_days,
            "most": max(score.days, default=None),
        },
    }


def _named(case: Case) -> dict:
    """Return a case as the ledger names its subject; the patient's own number is not told."""
    return {
        "rule": case.expected.rule.number,
        "scheme": case.expected.scheme,
        "subject": case.expected.subject,
        "expected": case.expected.answer.value,
        "severity": case.expected.severity,
        "answer": case.told.answer.value,
        "told_severity": case.told.severity,
    }


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"


def _days(days: float | None) -> str:
    return "-" if days is None else f"{days:g}"
