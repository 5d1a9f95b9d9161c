"""Medicare Part D events as CMS's research files lay them out (RIF, columns in capitals).

Codes: CMS Chronic Conditions Warehouse, Part D Event codebook. A Part D event has no
written date, no diagnosis and no unit of quantity.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ..schema import KINDS
from .plan import MappingError, Plan, Preset, cell, completed, folded, listed, shown, suggestion

NAME = "cms-pde"
VERSION = 1
KIND = KINDS["prescriptions"]
NEEDED = (
    "PDE_ID",
    "BENE_ID",
    "SRVC_DT",
    "SRVC_PRVDR_ID",
    "SRVC_PRVDR_ID_QLFYR_CD",
    "PRSCRBR_ID",
    "PRSCRBR_ID_QLFYR_CD",
    "RX_SRVC_RFRNC_NUM",
    "PROD_SRVC_ID",
    "QTY_DSPNSD_NUM",
    "DAYS_SUPLY_NUM",
    "FILL_NUM",
)
USED_WHERE_PRESENT = (
    "CMPND_CD",
    "DSPNSNG_STUS_CD",
    "RX_ORGN_CD",
    "PTNT_RSDNC_CD",
    "PHRMCY_SRVC_TYPE_CD",
)
STATUS = ("DML_IND", "ADJSTMT_DLTN_CD")
LEFT_OUT = (
    "CLM_GRP_ID",
    "FINAL_ACTION",
    "PD_DT",
    "PLAN_CNTRCT_REC_ID",
    "PLAN_PBP_REC_NUM",
    "DAW_PROD_SLCTN_CD",
    "DRUG_CVRG_STUS_CD",
    "NSTD_FRMT_CD",
    "PRCNG_EXCPTN_CD",
    "CTSTRPHC_CVRG_CD",
    "GDC_BLW_OOPT_AMT",
    "GDC_ABV_OOPT_AMT",
    "PTNT_PAY_AMT",
    "OTHR_TROOP_AMT",
    "LICS_AMT",
    "PLRO_AMT",
    "CVRD_D_PLAN_PD_AMT",
    "NCVRD_PLAN_PD_AMT",
    "TOT_RX_CST_AMT",
    "RPTD_GAP_DSCNT_NUM",
    "BRND_GNRC_CD",
    "SUBMSN_CLR_CD",
    "LAST_UPDATED",
    "DOB_DT",
    "GNDR_CD",
    "BENEFIT_PHASE",
    "CCW_PHARM_ID",
    "NCPDP_ID",
)
KNOWN = (*NEEDED, *USED_WHERE_PRESENT, *STATUS, *LEFT_OUT)

AS_IT_STANDS = {
    "source_record_id": "PDE_ID",
    "patient_id": "BENE_ID",
    "prescription_id": "RX_SRVC_RFRNC_NUM",
    "ndc11": "PROD_SRVC_ID",
    "quantity": "QTY_DSPNSD_NUM",
    "days_supply": "DAYS_SUPLY_NUM",
    "fill_number": "FILL_NUM",
}
CODED = {
    "filled_date": "SRVC_DT",
    "prescriber_npi": "PRSCRBR_ID",
    "prescriber_dea": "PRSCRBR_ID",
    "pharmacy_npi": "SRVC_PRVDR_ID",
    "pharmacy_ncpdp": "SRVC_PRVDR_ID",
    "is_compound": "CMPND_CD",
    "partial_fill": "DSPNSNG_STUS_CD",
    "origin": "RX_ORGN_CD",
    "patient_setting": "PTNT_RSDNC_CD",
    "mail_order": "PHRMCY_SRVC_TYPE_CD",
}
NOTES = (
    "Dates are read as DD-Mon-YYYY, such as 01-Mar-2015.",
    "Every row is a dispense that Medicare paid; written dates and diagnoses are not in the file.",
    "Prescribers are taken by NPI (qualifier 01) or DEA number (12), pharmacies by NPI (01) or "
    "NCPDP number (07); identifiers of other kinds are left out.",
    "FILL_NUM is taken as it stands: 0 is the first fill.",
    "A second part that completes a partial fill (DSPNSNG_STUS_CD C) is partial_fill 2.",
    "A row sent again replaces the former; deletions cancel it.",
)


def plan(header: tuple[str, ...], kind: str | None) -> Plan:
    """Return the plan for the header of a Part D event file.

    Raises MappingError for missing or unknown columns and for a ``kind`` that is not
    prescriptions.
    """
    if kind not in (None, KIND.name):
        raise MappingError(
            f"Part D events are {KIND.name}, not {shown(kind)}. Leave the kind out or correct it."
        )
    names = {key.upper(): name for key, name in folded(header).items()}
    _refuse_misfits(names)
    targets = {c: names[s] for c, s in {**AS_IT_STANDS, **CODED}.items() if s in names}
    status = next((names[s] for s in reversed(STATUS) if s in names), None)
    return Plan(
        preset=NAME,
        version=VERSION,
        kind=KIND.name,
        expressions=completed(KIND, _expressions(names)),
        source_columns=MappingProxyType(targets | ({"record_status": status} if status else {})),
        carries_status=status is not None,
        change_policy="latest_wins",
        notes=_notes(names),
    )


def _refuse_misfits(names: Mapping[str, str]) -> None:
    missing = [c for c in NEEDED if c not in names]
    free = [c for c in KNOWN if c not in names]
    unknown = [
        f"{shown(name)}{suggestion(key, free)}" for key, name in names.items() if key not in KNOWN
    ]
    problems = [f"no column {listed(missing)}"] if missing else []
    problems += [f"unknown column {listed(unknown)}"] if unknown else []
    if problems:
        raise MappingError(
            f"This file cannot be read as Part D events: {'; '.join(problems)}. "
            "Ask for the file with these columns, or remove the unknown ones."
        )


def _notes(names: Mapping[str, str]) -> tuple[str, ...]:
    notes = NOTES
    if not set(STATUS) & names.keys():
        notes += ("The file has neither DML_IND nor ADJSTMT_DLTN_CD: every row is read as new.",)
    if ignored := [names[c] for c in LEFT_OUT if c in names]:
        notes += (f"Columns left out: {', '.join(ignored)}.",)
    return notes


def _expressions(names: Mapping[str, str]) -> Mapping[str, str]:
    """Return the SQL of every canonical column that the file can fill."""
    cells = {code: cell(name) for code, name in names.items()}
    filled = {column: cells[code] for column, code in AS_IT_STANDS.items()}
    filled |= {"record_type": "'dispense'", "payment_type": "'medicare'"}
    filled |= {
        "filled_date": _day(cells["SRVC_DT"]),
        "prescriber_npi": _qualified(cells, "PRSCRBR_ID", "1"),
        "prescriber_dea": _qualified(cells, "PRSCRBR_ID", "12"),
        "pharmacy_npi": _qualified(cells, "SRVC_PRVDR_ID", "1"),
        "pharmacy_ncpdp": _qualified(cells, "SRVC_PRVDR_ID", "7"),
        "record_status": _status(cells),
    }
    filled |= {c: CODES[c](cells[CODED[c]]) for c in CODES if CODED[c] in cells}
    return filled


def _day(text: str) -> str:
    """Return SQL that turns ``01-Mar-2015`` into ``2015-03-01`` and leaves other text alone."""
    day = f"strftime(try_strptime({text}, '%d-%b-%Y'), '%Y-%m-%d')"
    shaped = f"regexp_full_match({text}, '[0-9]{{2}}-[A-Za-z]{{3}}-[0-9]{{4}}')"
    return f"coalesce(CASE WHEN {shaped} THEN {day} END, {text})"


def _qualified(cells: Mapping[str, str], identifier: str, qualifier: str) -> str:
    """Return SQL for the identifier where its qualifier is ``qualifier``, else null."""
    code = _number(cells[f"{identifier}_QLFYR_CD"])
    return f"CASE WHEN {code} = '{qualifier}' THEN {cells[identifier]} END"


def _number(text: str) -> str:
    """Return SQL for a code without leading zeros: ``01`` and ``1`` are one code."""
    return f"ltrim({text}, '0')"


def _status(cells: Mapping[str, str]) -> str:
    """Return SQL for new, revise or void; a deletion outranks an adjustment."""
    change, adjustment = (f"upper({cells.get(c, 'NULL::VARCHAR')})" for c in STATUS)
    return (
        f"CASE WHEN {change} = 'DELETE' OR {adjustment} = 'D' THEN 'void' "
        f"WHEN {change} = 'UPDATE' OR {adjustment} = 'A' THEN 'revise' ELSE 'new' END"
    )


def _coded(text: str, words: Mapping[str, str], otherwise: str) -> str:
    """Return SQL for the word of a code; zeros and blank are null, ``otherwise`` is the rest."""
    cases = " ".join(f"WHEN '{code}' THEN '{word}'" for code, word in words.items())
    return f"CASE {_number(text)} WHEN '' THEN NULL {cases} ELSE {otherwise} END"


def _compound(text: str) -> str:
    return _coded(text, {"1": "false", "2": "true"}, otherwise=text)


def _part(text: str) -> str:
    return f"CASE upper({text}) WHEN 'P' THEN '1' WHEN 'C' THEN '2' ELSE '0' END"


def _origin(text: str) -> str:
    words = ("written", "phone", "electronic", "fax", "transferred")
    return _coded(text, {str(code): word for code, word in enumerate(words, 1)}, otherwise=text)


def _setting(text: str) -> str:
    # 02 is a skilled nursing facility, which 42 CFR 423.100 counts as long-term care.
    words = {"1": "home", "2": "ltc", "3": "ltc", "11": "hospice"}
    return _coded(text, words, otherwise=_if_code(text, "other"))


def _mail_order(text: str) -> str:
    # 99 is a pharmacy of unspecified kind, which may or may not post its drugs.
    code = f"nullif({text}, '99')"
    return _coded(code, {"6": "true"}, otherwise=_if_code(code, "false"))


def _if_code(text: str, word: str) -> str:
    """Return SQL for ``word`` where the text is a two-digit code, else the text itself."""
    return f"CASE WHEN regexp_full_match({text}, '[0-9]{{1,2}}') THEN '{word}' ELSE {text} END"


CODES = MappingProxyType(
    {
        "is_compound": _compound,
        "partial_fill": _part,
        "origin": _origin,
        "patient_setting": _setting,
        "mail_order": _mail_order,
    }
)


def recognises(header: tuple[str, ...]) -> bool:
    """Return whether at least three of the needed columns are there: such names are CMS's own."""
    return len(set(NEEDED) & {name.strip().upper() for name in header}) >= 3


PRESET = Preset(
    name=NAME,
    title="Medicare Part D events (CMS research file)",
    version=VERSION,
    recognises=recognises,
    plan=plan,
)
