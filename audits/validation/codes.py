"""What can be said against a row: each code with its sentence and the remedy."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Code:
    """One thing that can be wrong with a cell or a row, in plain words.

    ``level`` is "rejected" where the row is not loaded and "warned" where it is, with
    the rules that need the value answering *not evaluable*.
    """

    level: Literal["rejected", "warned"]
    sentence: str
    remedy: str


def _rejected(sentence: str, remedy: str) -> Code:
    return Code(level="rejected", sentence=sentence, remedy=remedy)


def _warned(sentence: str, remedy: str) -> Code:
    return Code(level="warned", sentence=sentence, remedy=remedy)


REJECTIONS = {
    "no_source": _rejected(
        "No source system is named for the row.",
        "Fill the column source_system, or name the source once for the whole file.",
    ),
    "no_record_id": _rejected(
        "The row has no record number of its own.",
        "Give each row the number the source keeps it under; it must not change between files.",
    ),
    "no_patient": _rejected(
        "The row has no patient.", "Fill in the source's number for the patient."
    ),
    "no_drug": _rejected(
        "The row names no drug: code, RxNorm number, name and ingredients are all empty.",
        "Fill at least one of ndc11, rxcui, drug_name and ingredients, or ingredient where a "
        "dose given is recorded.",
    ),
    "no_date": _rejected(
        "The row has no date that says when it happened.",
        "Fill at least one date: filled_date or written_date; in other kinds of record the one "
        "that the field dictionary marks as required.",
    ),
    "no_practitioner": _rejected(
        "The row names no practitioner.",
        "Fill in the NPI, or the DEA number where the kind of record has one. Organisations and "
        "deactivated numbers of the national registry are no practitioners.",
    ),
    "not_a_date": _rejected(
        "The cell is not a calendar day.",
        "Write the day as YYYY-MM-DD, such as 2026-01-31; a preset may read its own form.",
    ),
    "not_a_datetime": _rejected(
        "The cell is not a date with a time.",
        "Write it as 2026-01-31T15:30:00Z, or with an offset such as -05:00 in place of Z.",
    ),
    "not_a_number": _rejected(
        "The cell is not a plain decimal number, or is too large.",
        "Write digits with a point, such as 12.5; no thousands separators, units or exponents.",
    ),
    "not_a_whole_number": _rejected(
        "The cell is not a whole number, or is too large.", "Write digits only, such as 30."
    ),
    "not_true_or_false": _rejected(
        "The cell is neither true nor false.", "Write true or false; yes, no, 1 and 0 are read too."
    ),
    "not_in_list": _rejected(
        "The cell is not one of the words this column allows.",
        "Use a word of the column's list in the field dictionary.",
    ),
    "not_json": _rejected(
        "The cell is not a JSON list.",
        'Write a list such as [{"name": "ketamine", "quantity": 10, "unit": "gm"}].',
    ),
    "too_long": _rejected(
        "The cell is longer than the column allows.",
        "Shorten it, or check whether it belongs in another column.",
    ),
    "control_character": _rejected(
        "The cell has a character that cannot be seen: a tab, a line break, a NUL or the like.",
        "Remove it; a line break inside a cell often comes from free text.",
    ),
    "wrong_number_of_cells": _rejected(
        "The row has more or fewer cells than the header.",
        "Look for a missing quotation mark or an unquoted delimiter in this row.",
    ),
}

WARNINGS = {
    "missing": _warned(
        "The cell is empty, and most rules need it.",
        "Fill it where the source knows it; without it rules answer not evaluable.",
    ),
    "not_among_the_files": _warned(
        "The row refers to a record that is not, or not once, in the files sent with it.",
        "Send files of one and the same export together; what the other file would say is empty.",
    ),
    "no_prescriber": _warned(
        "Neither NPI nor DEA number of the prescriber is given.",
        "Fill prescriber_npi, or prescriber_dea where there is no NPI.",
    ),
    "no_pharmacy": _warned(
        "The row is a dispense and no pharmacy is named.",
        "Fill pharmacy_ncpdp, pharmacy_npi or pharmacy_dea.",
    ),
    "no_npi_to_match": _warned(
        "The excluded person has no NPI, so the row cannot be matched with a prescriber.",
        "Nothing to do: nobody is matched by name. Search the list by name where it matters.",
    ),
    "npi_malformed": _warned("The NPI does not have ten digits.", "Check it in the registry."),
    "npi_check_digit": _warned(
        "The NPI's check digit is wrong, so no such number was ever given out.",
        "Check it in the registry; two digits may be exchanged.",
    ),
    "npi_synthetic": _warned(
        "The NPI begins with 99999: it was made up for test data.",
        "Nothing to do for test data; mark the source as synthetic.",
    ),
    "dea_malformed": _warned(
        "The DEA number does not have two letters and seven digits.", "Check it with the holder."
    ),
    "dea_check_digit": _warned(
        "The DEA number's check digit is wrong, so no such number was ever given out.",
        "Check it with the holder; two digits may be exchanged.",
    ),
    "quantity_not_positive": _warned(
        "The quantity is zero or below.", "Correct it; a returned drug is a void of its row."
    ),
    "days_supply_below_one": _warned(
        "The days of supply are below 1.", "Give the days that the quantity lasts as directed."
    ),
    "days_supply_above_180": _warned(
        "The days of supply are above 180.", "Check whether quantity and days were exchanged."
    ),
    "filled_before_written": _warned(
        "The drug was filled before the prescription was written.", "Check both dates."
    ),
    "ends_before_it_begins": _warned(
        "The last day lies before the first day.", "Check both dates."
    ),
    "date_before_1990": _warned(
        "The date lies before 1990.", "Check the year; two-digit years are often read wrongly."
    ),
    "date_in_future": _warned("The date lies after the day of receipt.", "Check the year."),
    "birth_year_implausible": _warned(
        "The year of birth lies before 1900 or after the year of receipt.", "Check the year."
    ),
    "unknown_state": _warned(
        "The state is not a code of the US postal service.",
        "Write two letters, such as FL; no rule of state law can be applied without it.",
    ),
    "unknown_schedule": _warned(
        "The list has a word that is not a schedule from I to V.",
        "Write Roman numerals joined by ;, such as II;III.",
    ),
    "rounded": _warned(
        "The number has more decimals than are kept and was rounded.",
        "Give at most the decimals that the field dictionary names.",
    ),
    "no_time_zone": _warned(
        "The time has no offset and was read as UTC.",
        "Add Z or the offset, such as -05:00; an evening may otherwise count as the next day.",
    ),
}

CODES: Mapping[str, Code] = MappingProxyType(REJECTIONS | WARNINGS)


def explain(code: str, column: str) -> str:
    """Return one line on ``code`` in ``column``: what is wrong and what to do.

    ``column`` is "" for what concerns the whole row. Raises KeyError for another code.
    """
    found = CODES[code]
    return f"{column}: {found.sentence} {found.remedy}".removeprefix(": ")
