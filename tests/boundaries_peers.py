"""Groups of prescribers on either side of every line of R28, with answers worked out by hand.

A member writes ``of_class`` prescriptions that are looked at among ``written`` controlled ones;
the others are alprazolam for 7 days, which every one of these types writes as it likes.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

AS_OF = date(2026, 10, 31)
MIND, MIND_NP, PAIN, SLEEP = "2084P0800X", "363LP0808X", "208VP0014X", "207L00000X"
NURSE, FAMILY_NP, ASSISTANT, CANCER = "367500000X", "363LF0000X", "363A00000X", "207RX0202X"
FAMILY, CHILDREN, HOSPICE = "207Q00000X", "208000000X", "207RH0002X"
OPIOID = {"drug_name": "oxycodone 5 mg tablet", "days_supply": "8"}
SEDATIVE = {"drug_name": "alprazolam 1 mg tablet", "days_supply": "31"}
KETAMINE = {"drug_name": "ketamine 100 mg troche", "days_supply": "14"}
STIMULANT = {"drug_name": "methylphenidate 10 mg tablet", "days_supply": "30"}
LOOKED_AT = {
    "opioid": OPIOID,
    "benzodiazepine": SEDATIVE,
    "ketamine": KETAMINE,
    "stimulant": STIMULANT,
}
USUAL = {"drug_name": "zolpidem 10 mg tablet", "days_supply": "7"}
CLEAR = ("clear", None, None, None)


def beyond(number):
    return ("fired", "low", None, number)


def unknown(reason):
    return ("not_evaluable", None, reason, None)


@dataclass(frozen=True, kw_only=True)
class Member:
    """One prescriber; ``last`` are cells of his last prescription of the class.

    ``before`` says how many days before the as-of date that one was written; the others were
    on the day itself. ``also`` are rows besides.
    """

    of_class: int
    expected: tuple | None = CLEAR
    written: int = 20
    before: int = 0
    last: dict = field(default_factory=dict)
    also: tuple = ()
    state: str | None = None
    known: bool = True


@dataclass(frozen=True, kw_only=True)
class Group:
    """Prescribers of one type and state, all asked about one class."""

    who: str
    drug_class: str
    members: tuple
    state: str = "FL"


def some(number, of_class, expected=CLEAR, **more):
    return tuple(
        Member(of_class=of_class, expected=expected if of_class else None, **more)
        for _ in range(number)
    )


# Quartiles of 30 lie between the 8th and 9th, and the 22nd and 23rd: 1.25 and 4.75 of 20.
STEPS = (*some(8, 1), *some(13, 2), *some(1, 4), *some(5, 5))
UNKNOWN_DAYS = {"days_supply": ""}
GROUPS = {
    # 4 / 20 + 3/2 (4 / 20 - 2 / 20) = 7 / 20
    "at the line and one beyond": Group(
        who=MIND,
        drug_class="opioid",
        members=(
            *some(10, 2),
            *some(15, 4),
            *some(3, 4),
            Member(of_class=7),
            Member(of_class=8, expected=beyond(1)),
            # These are no members, for something of theirs is in doubt.
            Member(of_class=8, last=UNKNOWN_DAYS, expected=unknown("days_supply_unusable")),
            Member(of_class=7, last=UNKNOWN_DAYS),
            Member(of_class=9, last=UNKNOWN_DAYS, expected=beyond(1)),
        ),
    ),
    # 19 / 80 + 3/2 (19 / 80 - 5 / 80) = 40 / 80 = 10 / 20, with shares between two members.
    "between two": Group(
        who=MIND,
        drug_class="opioid",
        state="GA",
        members=(
            *STEPS,
            Member(of_class=10),
            Member(of_class=11, expected=beyond(1)),
            Member(of_class=25, written=50),
        ),
    ),
    "another denominator": Group(
        who=MIND,
        drug_class="opioid",
        state="OH",
        members=(
            *STEPS,
            Member(of_class=20, expected=beyond(1), written=39),
            Member(of_class=50, written=100),
            Member(of_class=51, expected=beyond(1), written=100),
        ),
    ),
    # The window has 90 days; what was written before is neither of the class nor at all.
    "on the first day and the day before": Group(
        who=MIND,
        drug_class="opioid",
        state="TX",
        members=(
            *some(10, 2),
            *some(18, 4),
            Member(of_class=8, before=89, expected=beyond(1)),
            Member(of_class=8, before=90, written=21),
        ),
    ),
    "29 are no group": Group(
        who=PAIN, drug_class="benzodiazepine", members=some(29, 3, unknown("no_peer_group"))
    ),
    "29 in the state, 30 everywhere": Group(
        who=SLEEP,
        drug_class="benzodiazepine",
        members=(*some(10, 2), *some(18, 4), Member(of_class=8, expected=beyond(1))),
    ),
    "the thirtieth": Group(
        who=SLEEP, drug_class="benzodiazepine", state="GA", members=(Member(of_class=7),)
    ),
    "19 prescriptions make no member": Group(
        who=NURSE,
        drug_class="benzodiazepine",
        members=(
            *some(29, 3, unknown("no_peer_group")),
            Member(of_class=9, written=19, expected=unknown("few_controlled")),
        ),
    ),
    "nobody of no state": Group(
        who=MIND_NP,
        drug_class="opioid",
        members=(
            *some(10, 2),
            *some(18, 4),
            Member(of_class=7, state=""),
            Member(of_class=8, state="", expected=beyond(1)),
        ),
    ),
    "the quartiles are equal": Group(
        who=FAMILY_NP,
        drug_class="ketamine",
        members=(*some(28, 0), Member(of_class=2), Member(of_class=3, expected=beyond(1))),
    ),
    "two have most": Group(
        who=ASSISTANT,
        drug_class="ketamine",
        members=(*some(28, 0), Member(of_class=3), Member(of_class=3)),
    ),
    "one where nobody writes any": Group(
        who=CANCER,
        drug_class="ketamine",
        members=(*some(30, 0), Member(of_class=1, expected=beyond(1))),
    ),
    "other specialties are named": Group(
        who=FAMILY,
        drug_class="ketamine",
        members=(
            *some(30, 0),
            Member(
                of_class=9,
                known=False,
                also=({**USUAL, "taxonomy": MIND},),
                expected=unknown("specialties_differ"),
            ),
            Member(of_class=9, known=False, also=({**USUAL, "taxonomy": ""},), expected=beyond(9)),
        ),
    ),
    "minors are no matter": Group(
        who=CHILDREN,
        drug_class="stimulant",
        members=(
            *some(30, 0),
            Member(of_class=1, last={"patient_birth_year": "2009"}, expected=CLEAR, written=22),
            Member(
                of_class=1,
                last={"patient_birth_year": "2008"},
                expected=unknown("age_unknown"),
            ),
        ),
    ),
    "what is not controlled is no part of the whole": Group(
        who=HOSPICE,
        drug_class="stimulant",
        members=(
            *some(30, 0),
            Member(
                of_class=1,
                written=19,
                also=({"drug_name": "sertraline 50 mg tablet"},),
                expected=unknown("few_controlled"),
            ),
            Member(of_class=1, written=20, expected=beyond(1)),
        ),
    ),
}


def npi_of(group: int, member: int) -> str:
    """Return the number of a member of a group, both by their places."""
    return f"1{group:03d}{member:06d}"


def files() -> dict[str, list[dict]]:
    """Return the files of all groups together."""
    rows, people = [], []
    for place, group in enumerate(GROUPS.values()):
        for number, member in enumerate(group.members):
            npi = npi_of(place, number)
            rows += list(_rows(npi, group, member))
            if member.known:
                state = group.state if member.state is None else member.state
                people.append({"npi": npi, "taxonomy": group.who, "state": state})
    return {"prescriptions": rows, "practitioners": people}


def _rows(npi: str, group: Group, member: Member):
    drug = LOOKED_AT[group.drug_class]
    for number in range(member.written):
        told = drug if number < member.of_class else USUAL
        days = member.before if number == member.of_class - 1 else 0
        last = member.last if number == member.of_class - 1 else {}
        yield _row(npi, number, group.who, {**told, **last}, days)
    for number, cells in enumerate(member.also):
        yield _row(npi, f"also {number}", group.who, cells, 0)


def _row(npi: str, number: object, who: str, cells: dict, days: int) -> dict:
    return {
        "patient_id": f"{number} of {npi}",
        "prescriber_npi": npi,
        "taxonomy": who,
        "written_date": (AS_OF - timedelta(days)).isoformat(),
        "patient_birth_year": "1980",
        **cells,
    }
