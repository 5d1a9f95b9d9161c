"""The truth about planted schemes, read from a file and named as the ledger names it."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings

from .. import keys
from ..catalogue import named
from ..models import Source
from ..rule import Rule, RuleError
from ..vocabulary import Answer, Severity, Subject

EXPECTED = {
    "flag": Answer.FIRED,
    "none": Answer.CLEAR,
    "suppressed": Answer.SUPPRESSED,
    "not_evaluable": Answer.NOT_EVALUABLE,
}
COLUMNS = ("rule", "subject_kind", "subject_id", "expected", "severity", "scheme")
FIRST_EVENT = "first_event"


class TruthError(Exception):
    """The truth cannot be read or compared; the message says where and why."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What is true of one subject, named as the ledger names it.

    ``severity`` and ``first_event`` are None where the truth does not say them.
    """

    rule: Rule
    subject: str
    answer: Answer
    severity: str | None
    scheme: str
    first_event: date | None


def read(path: Path, source: Source) -> dict[str, dict[str, Expected]]:
    """Return what is expected of each subject, by the number of the rule.

    The file has the columns of ``COLUMNS`` and, where the days to a flag are to be counted,
    ``first_event``. Raises TruthError, which names the line and never the patient.
    """
    found: dict[str, dict[str, Expected]] = {}
    for where, row in _rows(path):
        each = _expected(row, source, where)
        mine = found.setdefault(each.rule.number, {})
        if each.subject in mine:
            raise TruthError(f"{where}: {each.rule.number} was told of that subject before.")
        mine[each.subject] = each
    return found


def _rows(path: Path) -> Iterator[tuple[str, Mapping[str, str | None]]]:
    """Yield each row with the place it stands at."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
                raise TruthError(f"{path}: there is no column {', '.join(missing)}.")
            for row in rows:
                yield f"{path}, line {rows.line_num}", row
    except OSError as error:
        raise TruthError(f"{path}: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise TruthError(f"{path} is not a CSV file in UTF-8.") from error


def _expected(row: Mapping[str, str | None], source: Source, where: str) -> Expected:
    cells = {name: (row.get(name) or "").strip() for name in (*COLUMNS, FIRST_EVENT)}
    severities = ("", *(severity.value for severity in Severity))
    kinds = [kind.value for kind in Subject]
    answer = EXPECTED[_one_of(cells["expected"], list(EXPECTED), "expected", where)]
    kind = Subject(_one_of(cells["subject_kind"], kinds, "subject_kind", where))
    severity = _one_of(cells["severity"], severities, "severity", where)
    try:
        rule = named(cells["rule"])
    except RuleError as error:
        raise TruthError(f"{where}: {error}") from error
    if rule.subject != kind:
        raise TruthError(f"{where}: {rule.number} is about {rule.subject}, not about {kind}.")
    return Expected(
        rule=rule,
        subject=_subject(kind, cells["subject_id"], source),
        answer=answer,
        severity=severity or None,
        scheme=cells["scheme"],
        first_event=_day(cells[FIRST_EVENT], where),
    )


def _one_of(word: str, known: Sequence[str], column: str, where: str) -> str:
    if word not in known:
        words = ", ".join(filter(None, known))
        raise TruthError(f"{where}: {column} is {word!r}, which is none of {words}.")
    return word


def _day(text: str, where: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise TruthError(f"{where}: {text!r} is not a date written YYYY-MM-DD.") from None


def _subject(kind: Subject, subject_id: str, source: Source) -> str:
    """Return the subject's id with the patient's number, where it leads, made a key."""
    if not kind.led_by_patient:
        return subject_id
    patient, *rest = subject_id.split("|")
    key = keys.patient_key(settings.PATIENT_SECRET, source.patient_domain, patient)
    return "|".join([key, *rest])
