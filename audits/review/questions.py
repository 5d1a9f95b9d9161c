"""The question put to an oracle: one subject's records and parameters as lists and dicts."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from .. import engine, snapshots
from ..models import FlagState
from ..rule import Rule
from ..vocabulary import Subject

LED_BY_PATIENT = (Subject.PATIENT, Subject.PATIENT_PRESCRIBER, Subject.PATIENT_INGREDIENT)
PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        Subject.PATIENT: ("patient_key",),
        Subject.PRESCRIBER: ("npi",),
        Subject.PRESCRIBER_STATE: ("npi", "state"),
        Subject.PRESCRIBER_CLASS: ("npi", "drug_class"),
        Subject.PRESCRIBER_INGREDIENT: ("npi", "ingredient"),
        Subject.PRESCRIBER_DAY: ("npi", "day"),
        Subject.PRESCRIBER_MONTH: ("npi", "month"),
        Subject.PATIENT_PRESCRIBER: ("patient_key", "npi"),
        Subject.PATIENT_INGREDIENT: ("patient_key", "ingredient"),
    }
)


def question(rule: Rule, state: FlagState) -> tuple[dict, dict]:
    """Return the records of the flag's subject and the parameters, as the oracle takes them.

    The records are those of the flag's snapshot and as-of date. Raises LedgerError.
    """
    subject = state.flag.subject_id
    leader = subject.split("|", 1)[0]
    whose = {"patient": leader} if rule.subject in LED_BY_PATIENT else {"prescriber": leader}
    evaluation = state.since
    with snapshots.opened_for(
        evaluation.snapshot, evaluation.as_of, snapshots.web_limits(), **whose
    ) as opened:
        asked = engine.load(
            opened.backend, "asked", [{"subject_id": subject}], {"subject_id": "VARCHAR"}
        )
        tables = rule.history(opened.records, asked)
        records = {
            name: [_plain(row) for row in engine.rows(opened.backend, table)]
            for name, table in tables.items()
        }
    records["subject"] = dict(zip(PARTS[rule.subject], subject.split("|"), strict=False))
    parameters = {**rule.oracle_parameters(rule.settled()), "as_of": evaluation.as_of}
    return records, parameters


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
