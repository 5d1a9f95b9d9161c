"""Incremental equals full where visits, doses given, diagnoses and people change as well."""

import random
from collections.abc import Callable
from datetime import date

import pytest

from audits.models import Decision

from .paths import decide, evaluate, ingest, row, seen, withdraw
from .test_path_evaluation import full_agrees

pytestmark = pytest.mark.django_db
RULES = ["excluded_prescriber", "ketamine_unmonitored_home_use", "prescriber_type_mismatch"]
PEOPLE = {"1234567893": ("1223G0001X", "183500000X"), "1245319599": ("207Q00000X", "1223G0001X")}
DRUGS = ("ketamine 100 mg troche", "ketamine 100 mg troche", "oxycodone 5 mg tablet")


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.LEDGER = tmp_path / "ledger"


def test_incremental_equals_full_whatever_kind_of_record_changes():
    history = History(random.Random(1))
    found = set()
    for kind in history.kinds:
        history.step(kind)
        last = evaluate(rules=RULES, as_of=history.day())
        found |= {rule for rule, counts in last.rules.items() if counts["fired"]}
        full_agrees(last)
        assert list(Decision.objects.values()) == history.decisions
        history.maybe_decide()
    assert found == set(RULES)


def test_incremental_equals_full_where_patients_of_shared_prescribers_change(monkeypatch):
    """Most of what an answer about a prescriber rests on was kept, and not read again."""
    monkeypatch.setitem(PEOPLE, "1245319599", ("363L00000X",))
    history = History(random.Random(2))
    history._send("exclusions", [history._exclusion() for _ in range(3)])
    agreement = history._told(supervisee_npi="1234567893", state="FL", valid_from="2025-01-01")
    held = {"covers_from": date(2025, 2, 1), "covers_to": date(2025, 12, 31)}
    ingest([agreement], kind="supervision", **held)
    rules, fired = ["excluded_prescriber", "prescriber_type_mismatch", "supervision_missing"], set()
    evaluate(rules=rules, as_of=history.day())
    for _ in range(5):
        history.step("prescriptions")
        last = evaluate(rules=rules, as_of=history.day())
        assert not last.full
        fired |= {name for name, counts in last.rules.items() if counts["fired"]}
        full_agrees(last)
        assert list(Decision.objects.values()) == history.decisions
        history.maybe_decide()
    assert fired == set(rules)


def test_a_prescriber_of_whom_nothing_is_left_is_asked_about_too():
    ingest([row(number, patient_id=f"p{number}") for number in range(3)])
    rules = ["excluded_prescriber", "supervision_missing"]
    evaluate(rules=rules)
    corrected = row(1, patient_id="p1", prescriber_npi="1245319599", record_status="revise")
    others = [row(n, patient_id=f"p{n}", record_status="void") for n in (0, 2)]
    ingest([corrected, *others])
    last = evaluate(rules=rules)
    full_agrees(last)
    assert [counts["population"] for counts in last.rules.values()] == [1, 1]


class History:
    """Random files of four patients and two prescribers, one kind at a time."""

    def __init__(self, chance: random.Random):
        self.chance = chance
        self.number = 0
        self.sent: list[tuple[str, list[dict]]] = []
        self.standing = []
        self.decisions: list[dict] = []
        self.kinds: dict[str, Callable[[], dict]] = {
            "encounters": self._encounter,
            "conditions": self._condition,
            "administrations": self._administration,
            "pdmp_checks": self._check,
            "lab_results": self._result,
            "exclusions": self._exclusion,
            "prescriptions": self._prescription,
            "practitioners": self._practitioner,
        }
        self._send("prescriptions", [self._prescription() for _ in range(14)])

    def step(self, kind: str) -> None:
        """Send rows of one kind, and perhaps change some that were sent or take a file back."""
        self._send(kind, [self.kinds[kind]() for _ in range(self.chance.randint(1, 4))])
        self.chance.choice((self._change, self._withdraw, self._rest))()

    def day(self) -> date:
        return date(2025, self.chance.choice((6, 8)), 1)

    def maybe_decide(self) -> None:
        if (states := seen()) and self.chance.random() < 0.4:
            decide(self.chance.choice(states))
            self.decisions = list(Decision.objects.values())

    def _send(self, kind: str, rows: list[dict]) -> None:
        self.sent.append((kind, rows))
        covers = {}
        if kind in ("encounters", "administrations"):
            covers = {"covers_from": date(2025, 1, 1), "covers_to": date(2025, 7, 31)}
        upload = ingest(rows, kind=kind, **covers)
        if upload.status == "promoted":
            self.standing.append(upload)

    def _rest(self) -> None:
        pass

    def _change(self) -> None:
        kind, rows = self.chance.choice(self.sent)
        other = self.kinds[kind]
        self._send(
            kind,
            [
                other()
                | {
                    "source_record_id": each["source_record_id"],
                    "record_status": self.chance.choice(("revise", "void")),
                }
                for each in rows[:2]
            ],
        )

    def _withdraw(self) -> None:
        if len(self.standing) > 2:
            withdraw(self.standing.pop(self.chance.randrange(1, len(self.standing))))

    def _told(self, **cells: str) -> dict:
        self.number += 1
        return {
            "source_system": "clinic",
            "source_record_id": f"n{self.number}",
            "record_status": "new",
            **cells,
        }

    def _when(self) -> str:
        return (
            f"2025-0{self.chance.randint(1, 6)}-{self.chance.choice(('01', '15', '30'))}".replace(
                "02-30", "02-28"
            )
        )

    def _prescription(self) -> dict:
        npi = self.chance.choice(list(PEOPLE))
        return row(0) | self._told(
            patient_id=self.chance.choice("ABCD"),
            drug_name=self.chance.choice(DRUGS),
            filled_date=self._when(),
            days_supply=self.chance.choice(("8", "30")),
            quantity=str(self.chance.randint(4, 400)),
            prescriber_npi=npi,
            taxonomy=PEOPLE[npi][0],
            diagnosis_codes=self.chance.choice(("", "", "F11.20")),
        )

    def _encounter(self) -> dict:
        return self._told(
            patient_id=self.chance.choice("ABCD"),
            started_at=f"{self._when()}T12:00:00Z",
            modality=self.chance.choice(("in_person", "async")),
            vitals_recorded="true",
        )

    def _administration(self) -> dict:
        return self._told(
            patient_id=self.chance.choice("ABCD"),
            ingredient="ketamine",
            started_at=f"{self._when()}T12:00:00Z",
            observer_npi=self.chance.choice(("1234567893", "")),
        )

    def _condition(self) -> dict:
        return self._told(
            patient_id=self.chance.choice("ABCD"), code="F11.20", recorded_on=self._when()
        )

    def _check(self) -> dict:
        return self._told(
            patient_id=self.chance.choice("ABCD"),
            by_npi="1234567893",
            queried_at=f"{self._when()}T12:00:00Z",
            outcome=self.chance.choice(("reviewed", "unavailable")),
        )

    def _exclusion(self) -> dict:
        return self._told(
            npi=self.chance.choice((*PEOPLE, "")),
            excluded_on=self._when(),
            reinstated_on=self.chance.choice(("", "2025-06-30")),
        )

    def _result(self) -> dict:
        return self._told(
            patient_id=self.chance.choice("ABCD"),
            code="1742-6",
            collected_on=self._when(),
            value=str(self.chance.randint(5, 90)),
        )

    def _practitioner(self) -> dict:
        npi = self.chance.choice(list(PEOPLE))
        return self._told(npi=npi, taxonomy=self.chance.choice(PEOPLE[npi]))
