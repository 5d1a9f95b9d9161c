"""Tables of records read from the ledger: a prescriber's rows, a patient's two years."""

from collections.abc import Mapping
from decimal import Decimal

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..dossiers import SCHEDULE_WORDS, UNKNOWN, VERDICTS
from ..exports import exact
from ..vocabulary import REASON_SENTENCES
from .columns import NUMBER, DayColumn, badge
from .people import patient_link, prescriber_link
from .saying import grouped
from .shares import STANDING_WORDS

DAY = {"td": {"class": "key"}}


class OriginColumn(tables.Column):
    """The number of a record at its source, and the upload and row that brought it."""

    def __init__(self, **kwargs):
        super().__init__(accessor="source_record_id", verbose_name="Record", **kwargs)

    def render(self, record: Mapping) -> SafeString:
        """Return source and number, and the way to the upload."""
        return format_html(
            '{} {}<br><span class="origin"><a href="{}">upload {}</a>, row {}</span>',
            record["source_system"],
            record["source_record_id"],
            reverse("upload", args=[record["upload"]]),
            record["upload"],
            f"{record['row']:,}",
        )


class PersonColumn(tables.Column):
    """A practitioner by number, as the way to his page."""

    def render(self, value: str) -> str:
        """Return the link."""
        return prescriber_link(value)


class AmountColumn(tables.Column):
    """A decimal number without idle zeros, with its unit where the row has one."""

    def __init__(self, unit: str = "", **kwargs):
        super().__init__(attrs=NUMBER, **kwargs)
        self.unit = unit

    def render(self, value: Decimal, record: Mapping) -> str:
        """Return number and unit."""
        unit = record.get(self.unit) if self.unit else ""
        return f"{grouped(f'{value.normalize():f}')} {unit or ''}".strip()


class RecordTable(tables.Table):
    """The base of tables of records: no order but their own, and what is missing is said."""

    caption = "Records"

    class Meta:
        attrs = {"class": "table records"}
        template_name = "audits/_table.html"
        orderable = False
        default = "not given"


class RowTable(RecordTable):
    """The rows behind a number on a prescriber's page."""

    caption = "Rows"

    written_on = DayColumn(verbose_name="Written", attrs=DAY)
    event_date = DayColumn(verbose_name="Filled or ordered", attrs=DAY)
    patient_key = tables.Column(verbose_name="Patient")
    ingredient_told = tables.Column(verbose_name="Drug")
    strength = AmountColumn(unit="strength_unit_used")
    quantity = AmountColumn(unit="quantity_unit")
    effective_days = tables.Column(verbose_name="Days", attrs=NUMBER)
    schedule_told = tables.Column(verbose_name="Schedule")
    state_told = tables.Column(verbose_name="State")
    standing = tables.Column(verbose_name="Counts as", default="a prescription as written")
    verdict = tables.Column(verbose_name="Supervision")
    origin = OriginColumn()

    class Meta(RecordTable.Meta):
        empty_text = "No row matches. Take a filter away."

    def render_patient_key(self, value: str) -> str:
        """Return the shortened pseudonym as the way to the patient's page."""
        return patient_link(value)

    def render_ingredient_told(self, value: str) -> str:
        """Return the drug's plain name."""
        return "not known" if value == UNKNOWN else value

    def render_schedule_told(self, value: str) -> str:
        """Return the schedule in force when written."""
        return SCHEDULE_WORDS[value].removeprefix("Schedule ")

    def render_state_told(self, value: str) -> str:
        """Return the patient's state."""
        return "not given" if value == UNKNOWN else value

    def render_standing(self, value: str) -> str:
        """Return why a row is no prescription of its own."""
        return STANDING_WORDS[value]

    def render_verdict(self, value: str, record: Mapping) -> SafeString:
        """Return the answer on supervision and what was found of an agreement."""
        return format_html(
            '{}<br><span class="quiet">{}</span>',
            badge(value, VERDICTS[value]),
            f"Agreement: {record['agreement']}",
        )


class FillTable(RecordTable):
    """A patient's fills: what the bars of the timeline show."""

    caption = "Fills"

    event_date = DayColumn(verbose_name="From", attrs=DAY)
    last_covered = DayColumn(verbose_name="Covers to", attrs=DAY, default="days not usable")
    ingredient = tables.Column(verbose_name="Drug")
    strength = AmountColumn(unit="strength_unit_used")
    quantity = AmountColumn(unit="quantity_unit")
    effective_days = tables.Column(verbose_name="Days", attrs=NUMBER)
    mme_day = tables.Column(verbose_name="MME a day", attrs=NUMBER, empty_values=())
    schedule = tables.Column(default="not controlled")
    prescriber_key = PersonColumn(verbose_name="Prescriber")
    pharmacy_key = tables.Column(verbose_name="Pharmacy")
    patient_state = tables.Column(verbose_name="State")
    origin = OriginColumn()

    class Meta(RecordTable.Meta):
        empty_text = "No fill or order counts as supply in this period."

    def render_ingredient(self, value: str, record: Mapping) -> str:
        """Return the drug, and that an order is only prescribed."""
        name = "not known" if value == UNKNOWN else value
        return f"{name} (order)" if record["record_type"] == "order" else name

    def render_mme_day(self, value: int | None, record: Mapping) -> str:
        """Return the dose of an opioid, else why there is none."""
        if not record["opioid"]:
            return "not an opioid" if record["matched"] else "drug not known"
        if record["dose_problem"]:
            return REASON_SENTENCES[record["dose_problem"]]
        return grouped(exact(value, 1000))


class StepTable(RecordTable):
    """The dose line of opioids as periods."""

    caption = "Dose of opioids"

    first_on = DayColumn(verbose_name="From", attrs=DAY)
    last_on = DayColumn(verbose_name="To", attrs=DAY)
    mme_day = tables.Column(verbose_name="MME a day", attrs=NUMBER)

    class Meta(RecordTable.Meta):
        empty_text = "No opioid dose falls into this period."

    def render_mme_day(self, value: int) -> str:
        """Return the sum of all fills covering these days."""
        return grouped(exact(value, 1000))


class VisitTable(RecordTable):
    """A patient's visits."""

    caption = "Visits"

    started_on = DayColumn(verbose_name="Day", attrs=DAY)
    modality = tables.Column()
    setting = tables.Column()
    provider_npi = PersonColumn(verbose_name="Practitioner")
    vitals_recorded = tables.Column(verbose_name="Vital signs")
    origin = OriginColumn()

    class Meta(RecordTable.Meta):
        empty_text = "No visit falls into this period."

    def render_modality(self, value: str) -> str:
        """Return how the visit took place."""
        return value.replace("_", " ")

    def render_vitals_recorded(self, value: bool) -> str:
        """Return whether vital signs were written down."""
        return "recorded" if value else "not recorded"


class DoseTable(RecordTable):
    """Doses given to a patient under somebody's eyes, or recorded as given."""

    caption = "Doses given"

    started_on = DayColumn(verbose_name="Day", attrs=DAY)
    ingredient = tables.Column(verbose_name="Drug")
    dose_mg = AmountColumn(verbose_name="Dose, mg")
    route = tables.Column()
    observer_npi = PersonColumn(verbose_name="Watched by")
    monitored_minutes = tables.Column(verbose_name="Watched, minutes", attrs=NUMBER)
    origin = OriginColumn()

    class Meta(RecordTable.Meta):
        empty_text = "No dose given falls into this period."


class CheckTable(RecordTable):
    """Queries of monitoring programmes about a patient."""

    caption = "PDMP checks"

    queried_on = DayColumn(verbose_name="Day", attrs=DAY)
    state = tables.Column(verbose_name="Programme of")
    outcome = tables.Column()
    by_npi = PersonColumn(verbose_name="By or for")
    delegate = tables.Column()
    origin = OriginColumn()

    class Meta(RecordTable.Meta):
        empty_text = "No check falls into this period."

    def render_outcome(self, value: str) -> str:
        """Return what came of the query in words."""
        return value.replace("_", " ")


class ResultTable(RecordTable):
    """What a laboratory measured in specimens of a patient."""

    caption = "Laboratory results"

    collected_on = DayColumn(verbose_name="Day", attrs=DAY)
    code = tables.Column(verbose_name="LOINC code")
    value = AmountColumn(unit="unit")
    origin = OriginColumn()

    class Meta(RecordTable.Meta):
        empty_text = "No result falls into this period."
