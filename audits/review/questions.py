"""The question put to an oracle: one subject's records and parameters as lists and dicts."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from ibis.expr.types import Table

from .. import editions, engine, snapshots
from ..ledger import LedgerError
from ..models import FlagState
from ..models.reference_version import entries_of
from ..rule import Rule


def question(rule: Rule, state: FlagState) -> tuple[dict, list[dict]]:
    """Return the records of the flag's subject and the parameters, as the oracle takes them.

    The records are those of the flag's snapshot and as-of date; the parameters, one for
    each setting that was in force for it, are in the order of the days they judge, with
    ``judge_from`` and ``judge_to``, None where open. Raises LedgerError.
    """
    subject = state.flag.subject_id
    leader = subject.split("|", 1)[0]
    whose = {"patient": leader} if rule.subject.led_by_patient else {"prescriber": leader}
    evaluation = state.since
    with snapshots.opened_for(
        evaluation.snapshot,
        evaluation.as_of,
        snapshots.web_limits(),
        **editions.meaning(evaluation),
        **whose,
    ) as opened:
        asked = engine.load(
            opened.backend, "asked", [{"subject_id": subject}], {"subject_id": "VARCHAR"}
        )
        tables = {**rule.history(opened.records, asked), **_compared(opened, rule, state, asked)}
        records = {
            name: [_plain(row) for row in engine.rows(opened.backend, table)]
            for name, table in tables.items()
        }
    records["subject"] = dict(zip(rule.subject.parts, subject.split("|"), strict=False))
    with editions.in_use(entries_of(evaluation)):
        parameters = [
            {
                **rule.oracle_parameters(dict(setting.values)),
                "as_of": evaluation.as_of,
                "judge_from": setting.first,
                "judge_to": setting.last,
            }
            for setting in evaluation.in_force(rule).settings
        ]
    return records, parameters


def _compared(
    opened: snapshots.Opened, rule: Rule, state: FlagState, asked: Table
) -> Mapping[str, Table]:
    """Return what the oracle reads of others, out of what the evaluation kept of everybody."""
    if rule.compared is None:
        return {}
    kept = snapshots.kept(opened.backend, rule, state.since_id)
    if kept is None:
        raise LedgerError(f"what {rule.name} kept in evaluation {state.since_id} is gone")
    settings = state.since.in_force(rule).settings
    records = replace(opened.records, kept=kept)
    return rule.compared(records, asked, [setting.values for setting in settings])


def _plain(row: dict) -> dict:
    """Return a row with lists where its text holds several, and numbers without idle zeros."""
    plain = {
        name: Decimal(f"{value.normalize():f}") if isinstance(value, Decimal) else value
        for name, value in row.items()
    }
    if "diagnosis_codes" in row:
        codes = (row["diagnosis_codes"] or "").split(";")
        plain["diagnosis_codes"] = [code.strip() for code in codes if code.strip()]
    if "covers_from" in row:
        plain["states"] = None if row["state"] is None else [row["state"]]
    return plain
