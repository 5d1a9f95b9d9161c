"""What each prescriber wrote in each window, counted once for all measures and groups."""

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, Table

from ..enrichment.people import states_of_practice
from ..enrichment.windows import last_days
from ..rule import Records
from ..vocabulary import CONTROLLED_SCHEDULES

# Up to and with the as-of date. Source: rules.md R39, readings.md A-83.
WINDOWS = (90, 365)
KETAMINE = "ketamine"
# Beyond this a product would not fit 64 bits; any such amount is a wrong figure.
OVERFLOW_GUARD = 4e18
# A sum has 128 bits in the engine, which Parquet would keep as a float.
WHOLE = "decimal(38, 0)"
COUNTS = (
    "written",
    "unknown",
    "controlled",
    "patients",
    "opioids",
    "schedule_ii",
    "ketamine_picograms",
    "ketamine_patients",
    "ketamine_untold",
    "pharmacies",
    "pharmacies_untold",
    "days_supply",
    "days_patients",
)
COLUMNS = ("days", "prescriber_key", "role_group", "state", *COUNTS)


def counted(records: Records) -> Table:
    """Return one row a window and prescriber with any prescription in it: see COLUMNS.

    Prescriptions count as written, by their written day; ``unknown`` are those whose drug is
    not known. Role group and state are null where unknown; the state is that of practice.
    """
    rows = _told(records.prescriptions)
    tables = [_window(records, rows, days) for days in WINDOWS]
    states = states_of_practice(records.practitioners)
    p = ibis.union(*tables).left_join(states, ibis._.prescriber_key == states.npi)
    return p.select(*COLUMNS)


def _told(prescriptions: Table) -> Table:
    """Return the prescriptions as written of known prescribers, with what is counted of each."""
    p = prescriptions
    p = p.filter(p.counts_as_prescription & p.prescriber_key.notnull())
    amount = _picograms(p)
    is_ketamine = (p.ingredient == KETAMINE).fill_null(False)
    return p.mutate(
        is_controlled=p.matched & p.schedule.isin(CONTROLLED_SCHEDULES).fill_null(False),
        is_ketamine=is_ketamine,
        amount=ibis.ifelse(is_ketamine, amount, ibis.null("int64")),
        usable_days=ibis.ifelse(p.last_covered.notnull(), p.effective_days, ibis.null("int64")),
    )


def _picograms(p: Table) -> IntegerValue:
    """Return strength times quantity, null where they do not make an amount."""
    fits = (p.strength_unit_used == "mg") & (p.quantity_unit.fill_null("each") == "each")
    fits |= (p.strength_unit_used == "mg/ml") & (p.quantity_unit.fill_null("ml") == "ml")
    thousandths = (p.quantity * 1000).cast("int64")
    likely = p.strength_millionths.cast("float64") * thousandths.cast("float64")
    usable = (fits & (p.quantity > 0) & (likely < OVERFLOW_GUARD)).fill_null(False)
    return ibis.ifelse(usable, p.strength_millionths * thousandths, ibis.null("int64"))


def _window(records: Records, rows: Table, days: int) -> Table:
    """Return the counts of the window of so many days that ends with the as-of date."""
    r = last_days(records, rows, days)
    c: BooleanValue = r.is_controlled
    named = c & r.pharmacy_key.notnull()
    has_days = c & r.usable_days.notnull()
    return r.group_by("prescriber_key").agg(
        days=ibis.literal(days, "int64"),
        role_group=r.role_group.argmax(r.accepted_seq),
        written=r.count(),
        unknown=r.count(where=~r.matched),
        controlled=r.count(where=c),
        patients=r.patient_key.nunique(where=c),
        opioids=r.count(where=c & r.analgesic.fill_null(False)),
        schedule_ii=r.count(where=c & (r.schedule == "II")),
        ketamine_picograms=r.amount.sum().fill_null(0).cast(WHOLE),
        ketamine_patients=r.patient_key.nunique(where=r.is_ketamine),
        ketamine_untold=r.count(where=r.is_ketamine & r.amount.isnull()),
        pharmacies=r.pharmacy_key.nunique(where=named),
        pharmacies_untold=ibis.ifelse(r.count(where=named) == 0, 1, 0),
        days_supply=r.usable_days.sum(where=has_days).fill_null(0).cast(WHOLE),
        days_patients=r.patient_key.nunique(where=has_days),
    )
