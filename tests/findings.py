"""A rule's answers and its oracle's, in one form, for tests that compare them."""

import os
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from audits import catalogue, engine
from audits.evaluation import answering, periods
from audits.in_force import InForce, Setting
from audits.vocabulary import Answer, Severity

WHOLE = ("practitioners", "licences", "holdings", "authority", "matrix", "peers")


def answers_of(backend, rule, records, **values):
    """Return answer, severity, value and occurrences of every subject by the rule."""
    only = Setting(first=None, last=None, values=rule.settled(**values), changed={})
    return answers_over(backend, InForce(rule, (only,)), records)


def answers_over(backend, in_force, records):
    """Return the same by the rule with the parameters that are in force on each day."""
    rule = in_force.rule
    with TemporaryDirectory() as folder:
        answering.answer(
            backend,
            periods.find(in_force, records),
            precedence=tuple(rule.definitions),
            touched=None,
            former=None,
            into=Path(folder),
        )
        rows = engine.rows(backend, f"FROM read_parquet('{folder}/answers.parquet')")
        occurrences = dict(answering.occurrences(backend))
    return {
        row["subject_id"]: {
            "answer": row["answer"],
            "severity": row["severity"],
            "value": _exact(row["value"], in_force.divisor),
            "occurrences": sorted(
                {
                    (o.definition, o.occurred_on, o.last_on, o.severity, o.excluded_by or "")
                    for o in occurrences.get(row["subject_id"], ())
                }
            ),
        }
        for row in rows
    }


def seeds():
    """Return the seeds of generated histories; RULE_CASES says how many."""
    return range(int(os.environ.get("RULE_CASES", "2")))


def answered(backend, rule, records):
    """Return answer, severity, reason and value of every subject."""
    with TemporaryDirectory() as folder:
        answering.answer(
            backend,
            rule.find(records),
            precedence=tuple(rule.definitions),
            touched=None,
            former=None,
            into=Path(folder),
        )
        rows = engine.rows(backend, f"FROM read_parquet('{folder}/answers.parquet')")
    return {r["subject_id"]: (r["answer"], r["severity"], r["reason"], r["value"]) for r in rows}


def behind_findings(backend):
    """Return value and record keys of each occurrence of the rule that answered last."""
    rows = engine.rows(
        backend,
        "SELECT subject_id, occurred_on, definition, any_value(o.value) AS value, "
        "list(source_system || '|' || source_record_id) AS keys FROM occurrences o "
        "JOIN evidence USING (subject_id, occurred_on, definition) GROUP BY ALL",
    )
    return {
        (r["subject_id"], r["definition"], r["occurred_on"]): (r["value"], sorted(r["keys"]))
        for r in rows
    }


def behind_verdicts(backend, rule, records, **values):
    """Return the same by the oracle; for rules whose values are whole numbers."""
    told = judged_by_oracle(backend, rule, records, keep_records=True, **values)
    return {
        (subject, o["definition"], o["first_on"]): (o["value"], o["records"])
        for subject, (verdict, _) in told.items()
        for o in verdict["occurrences"]
    }


def judged_by_oracle(backend, rule, records, keep_records=False, **values):
    """Return the same of every subject by the oracle, or (verdict, records) of each."""
    oracle = catalogue.oracle(rule)
    given = _given(backend, rule, records, [rule.settled(**values)])
    parameters = {**rule.oracle_parameters(rule.settled(**values)), "as_of": records.as_of}
    verdicts = {subject: oracle.judge(mine, parameters) for subject, mine in given.items()}
    if keep_records:
        return {subject: (verdicts[subject], given[subject]) for subject in given}
    return {subject: _told(verdict) for subject, verdict in verdicts.items()}


def judged_over(backend, in_force, records):
    """Return the same by the oracle, asked once for each setting and its days, and joined."""
    rule = in_force.rule
    oracle = catalogue.oracle(rule)
    asked = [
        {
            **rule.oracle_parameters(dict(setting.values)),
            "as_of": records.as_of,
            "judge_from": setting.first,
            "judge_to": setting.last,
        }
        for setting in in_force.settings
    ]
    given = _given(backend, rule, records, [setting.values for setting in in_force.settings])
    verdicts = {
        subject: [oracle.judge(mine, parameters) for parameters in asked]
        for subject, mine in given.items()
    }
    return {subject: _told(_joined(rule, parts)) for subject, parts in verdicts.items()}


def _joined(rule, verdicts):
    """Return the verdicts on the days of several settings as one."""
    occurrences = [each for verdict in verdicts for each in verdict["occurrences"]]
    speaking = [o for o in occurrences if not o["excluded_by"]] or occurrences
    places = list(rule.definitions)

    def gravity(o):
        return Severity(o["severity"]).gravity, -places.index(o["definition"]), o["value"]

    worst = max(speaking, key=gravity, default={"severity": None, "value": None})
    said = {verdict["answer"] for verdict in verdicts}
    answer = next(answer.value for answer in Answer if answer in said)
    return {**worst, "answer": answer, "occurrences": occurrences}


def _given(backend, rule, records, values):
    """Return what the oracle is given of each subject, for the values of each setting."""
    subjects = engine.store(backend, "asked", rule.find(records, **values[0]).population)
    tables = dict(rule.history(records, subjects))
    if rule.compared:
        tables |= rule.compared(records, subjects, values)
    given = _by_subject(backend, rule, tables)
    return {subject: mine for subject, mine in given.items() if mine["prescriptions"]}


def _told(verdict):
    value = verdict["value"]
    return {
        "answer": verdict["answer"],
        "severity": verdict["severity"],
        "value": None if value is None else _rounded(Fraction(value)),
        "occurrences": sorted(
            {
                (
                    o["definition"],
                    o["first_on"],
                    o["last_on"],
                    o["severity"],
                    o["excluded_by"] or "",
                )
                for o in verdict["occurrences"]
            }
        ),
    }


def _by_subject(backend, rule, tables):
    rows = {name: engine.rows(backend, table) for name, table in tables.items()}
    whole = {name: found for name, found in rows.items() if name in WHOLE}
    if "holdings" in whole:
        whole["holdings"] = [
            {**row, "states": [row["state"]] if row["state"] else None} for row in whole["holdings"]
        ]
    given = defaultdict(lambda: {name: [] for name in rows} | whole)
    for name in rows.keys() - set(WHOLE):
        for row in rows[name]:
            if "diagnosis_codes" in row:
                row["diagnosis_codes"] = [
                    c.strip() for c in (row["diagnosis_codes"] or "").split(";") if c.strip()
                ]
            given[row["subject_id"]][name].append(row)
    for subject, mine in given.items():
        mine["subject"] = dict(zip(rule.subject.parts, subject.split("|"), strict=True))
    return given


def _exact(value, divisor):
    assert value is None or isinstance(value, int), "a value that is kept as a double is not exact"
    return None if value is None else _rounded(Fraction(value, divisor))


def _rounded(value):
    return Decimal(value.numerator * 10**9 // value.denominator).scaleb(-9).normalize() + 0
