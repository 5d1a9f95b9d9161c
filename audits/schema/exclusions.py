"""Exclusions: one row a person barred from being paid by federal health care programmes."""

from .field import Kind, Need, Type, identity_fields, other, status_field, text

KIND = Kind(
    name="exclusions",
    title="Exclusions",
    meaning="One row an exclusion from federal health care programmes, as the OIG lists them. A "
    "row is matched with prescribers by NPI and never by name.",
    fields=(
        *identity_fields(),
        status_field(),
        text(
            "npi",
            10,
            "NPI of the excluded person; without one the row cannot be matched",
            "1234567893",
            need=Need.CONDITIONAL,
        ),
        text("last_name", 80, "Family name, where there is an NPI; never matched", "Example"),
        text("first_name", 80, "Given name, where there is an NPI; never matched", "Casey"),
        text("specialty", 80, "Specialty as the list has it", "NURSE/NURSES AIDE"),
        text(
            "exclusion_type",
            20,
            "Paragraph of 42 U.S.C. 1320a-7 it rests on, as the list writes it",
            "1128b4",
        ),
        other(
            "excluded_on",
            Type.DATE,
            "First day of the exclusion",
            "2025-01-20",
            need=Need.IDENTITY,
        ),
        other(
            "reinstated_on",
            Type.DATE,
            "Day of reinstatement, on which it holds no longer; empty while it runs",
        ),
        text("waiver_state", 2, "State in which it is waived, two letters (USPS)", "AK"),
        other(
            "waivered_on",
            Type.DATE,
            "First day of the waiver; empty where a state is named: from the beginning",
            "2025-03-01",
        ),
    ),
    any_of=(("no_date", ("excluded_on",)),),
    dates=("excluded_on",),
    open_ended=True,
)
