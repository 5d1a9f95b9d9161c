"""Synthea's CSV export: invented patients in several files, read together as one upload.

A medication leads by its encounter to who was seen, and by its patient to birth year, sex and
state. Column names: Synthea wiki, "CSV File Data Dictionary". Its records have no NPI, quantity,
days supply or ICD-10 code, and none is made up here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ..schema import KINDS
from . import states
from .plan import Part, Plan, Preset, cell, completed, folded
from .several import Header, lone

NAME = "synthea"
TITLE = "Synthea CSV export"
VERSION = 1
PARTS = (
    Part(
        name="medications",
        needs=frozenset({"start", "patient", "encounter", "code", "description", "dispenses"}),
    ),
    Part(
        name="encounters",
        needs=frozenset({"id", "start", "stop", "patient", "provider", "encounterclass"}),
    ),
    Part(name="providers", needs=frozenset({"id", "organization", "name", "state"})),
    Part(name="patients", needs=frozenset({"id", "birthdate", "gender", "state"})),
    Part(
        name="conditions",
        needs=frozenset({"start", "stop", "patient", "encounter", "code", "description"}),
        others=frozenset({"system"}),
        unread="its codes are SNOMED CT, and conditions are taken by ICD-10-CM code",
    ),
)
AT_HOME_OR_NOT = {"inpatient": "hospital", "emergency": "hospital", "home": "home"}
PATIENT_SETTINGS = {**AT_HOME_OR_NOT, "snf": "ltc", "hospice": "hospice"}
VISIT_SETTINGS = {**AT_HOME_OR_NOT, "snf": "facility"}
IN_PERSON = (*PATIENT_SETTINGS, "ambulatory", "wellness", "outpatient", "urgentcare")
MODALITY = (
    "A visit of class virtual is of unknown modality, for the file does not tell video from "
    "telephone; other known classes are in person."
)
PRESCRIPTION_NOTES = (
    "Every row of medications is an order. Its number is made of patient, encounter, code and "
    "start; rows alike in these are counted up in the order of the file.",
    "Synthea has no NPI, quantity, days supply or ICD-10 code, so these stay empty.",
    "Moments are in UTC; the day where the prescriber is stays empty unless the file has only a "
    "day.",
    MODALITY,
    "A state that is none of the United States stays empty.",
    "A row sent again replaces the former.",
)
ENCOUNTER_NOTES = (
    "The ids of Synthea's providers are no NPIs, so the NPI stays empty.",
    MODALITY,
    "A row sent again replaces the former.",
)
# Canonical column: the part and column it comes from.
ORDERS = {
    "source_record_id": ("medications", "start"),
    "written_date": ("medications", "start"),
    "written_at": ("medications", "start"),
    "patient_id": ("medications", "patient"),
    "patient_birth_year": ("patients", "birthdate"),
    "patient_sex": ("patients", "gender"),
    "patient_state": ("patients", "state"),
    "patient_zip3": ("patients", "zip"),
    "patient_setting": ("encounters", "encounterclass"),
    "rxcui": ("medications", "code"),
    "drug_name": ("medications", "description"),
    "prescriber_name": ("providers", "name"),
    "prescriber_state": ("providers", "state"),
    "encounter_id": ("medications", "encounter"),
    "encounter_modality": ("encounters", "encounterclass"),
}
VISITS = {
    "source_record_id": ("encounters", "id"),
    "encounter_id": ("encounters", "id"),
    "patient_id": ("encounters", "patient"),
    "started_at": ("encounters", "start"),
    "ended_at": ("encounters", "stop"),
    "modality": ("encounters", "encounterclass"),
    "setting": ("encounters", "encounterclass"),
}
UNJOINED = {
    "patient_id": "patient IS NOT NULL AND NOT has_patient",
    "encounter_id": "encounter IS NOT NULL AND NOT has_encounter",
    "prescriber_name": "provider IS NOT NULL AND NOT has_provider",
}


def plan_of(headers: Mapping[str, Header], kind: str) -> Plan:
    """Return the plan of ``kind``, prescriptions or encounters, from the headers by part."""
    return PLANS[kind]({part: folded(header) for part, header in headers.items()})


def plan(header: Header, kind: str | None) -> Plan:
    """Raise MappingError: one file of this export says too little by itself."""
    raise lone(PRESET, header)


def recognises(header: Header) -> bool:
    """Return whether a file with ``header`` is one of the parts."""
    return any(part.is_headed(header) for part in PARTS)


Names = Mapping[str, Mapping[str, str]]  # by part: the header's names by their lower-case form


def _prescriptions(names: Names) -> Plan:
    filled = {
        "source_record_id": "record",
        "record_type": "'order'",
        "written_date": f"CASE WHEN NOT {_has_time('began')} THEN began END",
        "written_at": f"CASE WHEN {_has_time('began')} THEN began END",
        "patient_id": "patient",
        "patient_birth_year": _year("born"),
        "patient_sex": "sex",
        "patient_state": states.code("lives_in"),
        "patient_zip3": _zip3("zip_code"),
        "patient_setting": _setting("seen_as", PATIENT_SETTINGS),
        "rxcui": "drug_code",
        "drug_name": "left(drug, 200)",
        "prescriber_name": "left(provider_name, 120)",
        "prescriber_state": states.code("practises_in"),
        "encounter_id": "encounter",
        "encounter_modality": _modality("seen_as"),
    }
    return _plan(
        "prescriptions",
        filled,
        _sources(names, ORDERS, "medications"),
        reads=("medications", "encounters", "providers", "patients"),
        joined=lambda parts: _joined(parts, names),
        unjoined=MappingProxyType(UNJOINED),
        notes=(*PRESCRIPTION_NOTES, *_unread(names)),
    )


def _encounters(names: Names) -> Plan:
    filled = {column: cell(names[part][source]) for column, (part, source) in VISITS.items()}
    filled |= {
        "modality": _modality(filled["modality"]),
        "setting": _setting(filled["setting"], VISIT_SETTINGS),
    }
    return _plan(
        "encounters",
        filled,
        _sources(names, VISITS, "encounters"),
        reads=("encounters",),
        notes=(*ENCOUNTER_NOTES, *_unread(names)),
    )


PLANS = MappingProxyType({"prescriptions": _prescriptions, "encounters": _encounters})


def _plan(kind: str, filled: Mapping[str, str], sources: Mapping[str, str], **more) -> Plan:
    return Plan(
        preset=NAME,
        version=VERSION,
        kind=kind,
        expressions=completed(KINDS[kind], filled),
        source_columns=MappingProxyType(dict(sources)),
        carries_status=False,
        change_policy="latest_wins",
        source=NAME,
        synthetic=True,
        **more,
    )


def _sources(names: Names, taken: Mapping[str, tuple[str, str]], own: str) -> Mapping[str, str]:
    """Return the header behind each column, with its part where that is not ``own``."""
    found = {c: (part, names[part].get(source)) for c, (part, source) in taken.items()}
    return {c: h if part == own else f"{h} ({part})" for c, (part, h) in found.items() if h}


def _unread(names: Names) -> tuple[str, ...]:
    return tuple(
        f"The file of {part.name} is kept and not read: {part.unread}."
        for part in PARTS
        if not part.read and part.name in names
    )


def _joined(parts: Mapping[str, str], names: Names) -> str:
    """Return SQL for the medications in their own rows, with what the other parts say of each."""
    own = {
        "began": "start",
        "patient": "patient",
        "encounter": "encounter",
        "drug_code": "code",
        "drug": "description",
    }
    seen = {"patient": "patient", "provider": "provider", "seen_as": "encounterclass"}
    people = {"born": "birthdate", "sex": "gender", "lives_in": "state", "zip_code": "zip"}
    provider = {"provider_name": "name", "practises_in": "state"}
    return f"""
        WITH m AS (SELECT row, {_cells(names["medications"], own)} FROM {parts["medications"]}),
        e AS ({_by_id(parts["encounters"], names["encounters"], seen)}),
        p AS ({_by_id(parts["providers"], names["providers"], provider)}),
        t AS ({_by_id(parts["patients"], names["patients"], people)})
        SELECT m.*, e.* EXCLUDE (id, patient), p.* EXCLUDE (id), t.* EXCLUDE (id),
            e.id IS NOT NULL AS has_encounter, p.id IS NOT NULL AS has_provider,
            t.id IS NOT NULL AS has_patient, {_record()} AS record
        FROM m
        LEFT JOIN e ON e.id = m.encounter AND e.patient = m.patient
        LEFT JOIN p ON p.id = e.provider
        LEFT JOIN t ON t.id = m.patient
    """


def _cells(names: Mapping[str, str], wanted: Mapping[str, str]) -> str:
    cells = {c: cell(names[source]) if source in names else "NULL" for c, source in wanted.items()}
    return ", ".join(f"CAST({sql} AS VARCHAR) AS {column}" for column, sql in cells.items())


def _by_id(text: str, names: Mapping[str, str], wanted: Mapping[str, str]) -> str:
    """Return SQL for one row an id; an id whose rows differ stands for nothing certain."""
    rows = f"SELECT DISTINCT {_cells(names, {'id': 'id', **wanted})} FROM {text}"
    return f"FROM ({rows}) WHERE id IS NOT NULL QUALIFY count(*) OVER (PARTITION BY id) = 1"


def _record() -> str:
    """Return SQL for a number of the row that is the same in every export of it."""
    identity = ("m.patient", "m.encounter", "m.drug_code", "m.began")
    said = " || chr(31) || ".join(f"coalesce({column}, '')" for column in identity)
    repeat = f"row_number() OVER (PARTITION BY {', '.join(identity)} ORDER BY m.row)"
    return f"left(sha256({said}), 40) || coalesce('-' || nullif({repeat}, 1), '')"


def _has_time(text: str) -> str:
    return f"(length({text}) > 10)"


def _year(text: str) -> str:
    """Return SQL for the year of ``1980-05-17``; other text as it stands."""
    shaped = f"regexp_full_match({text}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"
    return f"CASE WHEN {shaped} THEN left({text}, 4) ELSE {text} END"


def _zip3(text: str) -> str:
    """Return SQL for the first three digits of a ZIP code; Synthea's 00000 is none."""
    shaped = f"regexp_full_match({text}, '[0-9]{{5}}(-?[0-9]{{4}})?')"
    return f"CASE WHEN {shaped} AND NOT starts_with({text}, '000') THEN left({text}, 3) END"


def _modality(text: str) -> str:
    """Return SQL for in_person or unknown; blank is null."""
    classes = ", ".join(f"'{word}'" for word in IN_PERSON)
    return (
        f"CASE WHEN {text} IS NULL THEN NULL WHEN lower({text}) IN ({classes}) THEN 'in_person' "
        "ELSE 'unknown' END"
    )


def _setting(text: str, words: Mapping[str, str]) -> str:
    cases = " ".join(f"WHEN '{word}' THEN '{setting}'" for word, setting in words.items())
    return f"CASE lower({text}) {cases} END"


PRESET = Preset(
    name=NAME,
    title=TITLE,
    version=VERSION,
    recognises=recognises,
    plan=plan,
    parts=PARTS,
    rows_of={"prescriptions": "medications", "encounters": "encounters"},
    plan_of=plan_of,
)
