"""Patients on either side of what counts once: duplicates, orders, what two sources report."""

from .boundaries_dose import CLEAR, ORDER, OUTSIDE, fired, rx

TWICE = {"pharmacy_ncpdp": "1234567", "prescription_id": "7", "fill_number": "1"}


def pair(**second):
    """Return two fills of 60.833 MME a day that differ in ``second`` alone."""
    same = {"quantity": "365", "pharmacy_ncpdp": "1234567"}
    return [rx(**same), rx(**{**same, **second})]


BOTH = fired(10_949.94)
CASES = {
    "exact duplicates": (pair(), CLEAR),
    "another pharmacy": (pair(pharmacy_ncpdp="7654321"), BOTH),
    "another quantity": (pair(quantity="366"), fired(10_964.97)),
    "another strength": (pair(drug_name="morphine 30 mg tablet"), fired(16_425)),
    "another drug": (pair(drug_name="hydrocodone 15 mg tablet"), BOTH),
    "another day": (pair(filled="2025-01-02"), fired(10_889.107)),
    "an order beside a fill of another prescriber": (
        [
            rx(quantity="365", **ORDER, written_date="2025-01-01"),
            rx(
                quantity="365",
                prescription_id="9",
                prescriber_npi="1222222228",
                written_date="2025-01-01",
            ),
        ],
        BOTH,
    ),
    "an order and its fill by number": (
        [
            rx(quantity="700", **ORDER, written_date="2024-12-30"),
            rx(quantity="700", **{**ORDER, "record_type": "dispense"}),
        ],
        CLEAR,
    ),
    "an order and its fill by written date": (
        [
            rx(
                quantity="700",
                filled="",
                record_type="",
                prescriber_npi="1111111112",
                written_date="2025-01-01",
            ),
            rx(quantity="700", prescriber_npi="1111111112", written_date="2025-01-01"),
        ],
        CLEAR,
    ),
    "an order and a fill of another drug": (
        [
            rx(quantity="365", record_type="order", prescriber_npi="1111111112"),
            rx("hydrocodone 15 mg tablet", "365", prescriber_npi="1111111112"),
        ],
        BOTH,
    ),
    "an order alone": ([rx(quantity="726", **ORDER)], fired(10_890)),
    "one fill reported twice by one source": (
        [rx(quantity="366", **TWICE), rx(quantity="360", **TWICE)],
        fired(10_890),
    ),
    "told first": ([rx(**TWICE | {"prescription_id": "8"})], CLEAR),
    "told again by another source": (
        [rx(**TWICE | {"prescription_id": "8"}, source_system="pharmacy")],
        OUTSIDE,
    ),
    "told first without a fill number": (
        [rx(**TWICE | {"prescription_id": "10", "fill_number": ""})],
        CLEAR,
    ),
    "told again without a fill number": (
        [rx(**TWICE | {"prescription_id": "10", "fill_number": ""}, source_system="pharmacy")],
        CLEAR,
    ),
    "told again under another number": (
        [rx(**TWICE | {"prescription_id": "11"}, source_system="pharmacy")],
        CLEAR,
    ),
    "told again of another fill": (
        [rx(**TWICE | {"prescription_id": "8", "fill_number": "2"}, source_system="pharmacy")],
        CLEAR,
    ),
    "told again of another day": (
        [rx(**TWICE | {"prescription_id": "8"}, source_system="pharmacy", filled="2025-01-02")],
        CLEAR,
    ),
    "told again by another pharmacy": (
        [
            rx(
                **TWICE | {"prescription_id": "8", "pharmacy_ncpdp": "7654321"},
                source_system="pharmacy",
            )
        ],
        CLEAR,
    ),
    "told again as an order": (
        [
            rx(**TWICE | {"prescription_id": "8"}, source_system="pharmacy")
            | {"record_type": "order"}
        ],
        CLEAR,
    ),
}
