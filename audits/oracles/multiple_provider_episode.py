"""Judges by hand whether a patient went to several prescribers and pharmacies (rule R04).

Written from the text of the rule, not from its program, and needs Python alone. For every tier and
every day with a row of its drugs, the window up to that day is counted afresh. Days are ordinals.
"""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import groupby

SEVERITIES = ("low", "medium", "high", "critical")
YEAR, DOSE_DAYS, ADULT, STRANGE = 365, 90, 18, {"drug_unmatched"}
TIERS = {  # in order of precedence: drugs, severity; what sets window, prescribers, pharmacies
    "ok_pmp": ("schedule", "critical", "ok_days", "ok_prescribers", "ok_pharmacies"),
    "oig_shopping": ("analgesic", "high", "year_days", "providers", "providers"),
    "cms_oms": ("analgesic", "high", "half_year_days", "oms_prescribers", "oms_pharmacies"),
    "pqa_omp": ("analgesic", "medium", "pqa_days", "providers", "providers"),
    "all_controlled": ("abusable", "medium", "pqa_days", "providers", "controlled_pharmacies"),
    "ncqa_uop": ("analgesic", "low", "year_days", "providers", "providers"),
}
ALSO = {"cancer": ("type 03",), "hospice_palliative": ("type 04", "type 05", "in hospice")}


def judge(records: dict, parameters: dict) -> dict:
    """Return the verdict on the one patient whose rows are in ``records["prescriptions"]``."""

    def gravity(o: dict) -> tuple:
        return SEVERITIES.index(o["severity"]), -[*TIERS].index(o["definition"]), o["value"]

    case = case_of(records, parameters)
    first, last = parameters.get("judge_from") or date.min, parameters.get("judge_to") or date.max
    days = sorted({r["day"] for r in case["rows"] if first <= r["event_date"] <= last})
    windows = [window_at(day, tier, case) for tier in TIERS for day in days]
    own = [window for window in windows if window["own_day"]]
    runs = [list(run) for _, run in groupby(own, lambda w: (w["tier"], w["verdict"]))]
    occurrences = [occurrence(run, case["told"]) for run in runs if run[0]["verdict"]]
    free = [each for each in occurrences if each["excluded_by"] is None]
    doubts = {word for window in windows for word in window["doubts"]}
    reasons = set() if free else {each["excluded_by"] for each in occurrences} or doubts
    answer = "suppressed" if occurrences else "not_evaluable" if doubts else "clear"
    worst = max(free or occurrences, key=gravity, default={})
    said = {"answer": "fired" if free else answer, "reasons": sorted(reasons)}
    said |= {"severity": worst.get("severity"), "value": worst.get("value")}
    return said | {"occurrences": occurrences, "arithmetic": arithmetic(worst, own)}


def population(rows: list, as_of: date | None = None) -> set:
    """Return the ``patient_key`` of all with an analgesic, scheduled or unmatched usable row."""
    usable = [r for r in rows if r["counts_as_supply"] and r["event_date"] <= (as_of or date.max)]
    return {r["patient_key"] for r in usable if r["analgesic"] or r["schedule"] or not r["matched"]}


def case_of(records: dict, parameters: dict) -> dict:
    """Return what the tiers ask of the patient: rows, doses, diagnoses and years of birth."""
    dated = [row for row in records["prescriptions"] if row["event_date"] <= parameters["as_of"]]
    dated.sort(key=lambda r: (r["event_date"], r["source_system"], r["source_record_id"]))
    every, daily, averages = [measured(row, parameters) for row in dated], {}, {}
    told = diagnosed(every, records["conditions"], parameters)
    rows = [row for row in every if row["counts_as_supply"]]
    for row in (row for row in rows if row["dose"] is not None):
        for on in range(row["day"], row["day"] + row["days"]):
            daily[on] = daily.get(on, 0) + row["dose"]
    for end in range(min(daily, default=1), max(daily, default=0) + 1):
        total = sum(daily.get(end - back, 0) for back in range(DOSE_DAYS))
        averages[end] = 0 if exclusion(end, told) else Fraction(total, DOSE_DAYS)
    born = next(((row["born_from"], row["born_to"]) for row in every), (None, None))
    doses = {"oig_shopping": averages, "cms_oms": daily}
    return {"rows": rows, "told": told, "doses": doses, "born": born, "parameters": parameters}


def measured(row: dict, p: dict) -> dict:
    """Return the row with its day, usable days (three a patch), dose or its lack, and classes."""
    quantity, patch = row["quantity"] if (row["quantity"] or 0) > 0 else None, row["fentanyl_patch"]
    days = quantity and max(1, int(quantity * 3)) if patch else row["days_supply"]
    days = days if 1 <= (days or 0) <= p["longest_days_supply"] else None
    parts = [("days_supply_unusable", days), ("quantity_unusable", quantity)][:: -1 if patch else 1]
    parts += [("strength_unknown", row["strength"]), ("factor_unknown", row["factor"])]
    lacks, dose = None if row["matched"] else "drug_unmatched", None
    if row["matched"] and row["opioid"] and not row["moud"]:
        lacks = next((word for word, part in parts if part is None), None)
        if not lacks:
            mme = Fraction(row["strength"]) * Fraction(quantity) * Fraction(row["factor"]) / days
            dose = int(mme * 1000 + Fraction(1, 2))  # half up
            lacks = "dose_implausible" if dose > p["implausible_mme"] * 1000 else None
    other = row["moud"] or (row["drug_class"] == "opioid" and not row["analgesic"])
    found = {"day": row["event_date"].toordinal(), "days": days, "lacks": lacks}
    found |= {"abusable": row["schedule"] in ("II", "III", "IV") and not other}
    return row | found | {"dose": None if lacks else dose}


def diagnosed(rows: list, conditions: list, p: dict) -> dict:
    """Return the days on which each diagnosis set, or what stands for it, is on record."""

    def plain(code: str) -> str:
        return code.replace(".", "").strip().upper()

    told = {name: set() for name in p["diagnosis_sets"]}
    spoken = [(c["recorded_on"], c["ended_on"] or c["recorded_on"], c["code"]) for c in conditions]
    for row in rows:
        marks = f"type {row['treatment_type']}", f"in {row['patient_setting']}"
        codes = (*(row["diagnosis_codes"] or ()), *marks)
        spoken += [(row["event_date"], row["event_date"], code) for code in codes]
    for name, codes in p["diagnosis_sets"].items():  # the longest prefix that fits decides
        within = {plain(prefix): True for prefix in (*codes["include"], *ALSO.get(name, ()))}
        within |= {plain(prefix): False for prefix in ("", *codes["exclude"])}
        for first, last, code in spoken:
            if within[max(filter(plain(code).startswith, within), key=len)]:
                end = max(first, min(last, p["as_of"]))
                told[name].update(range(first.toordinal(), end.toordinal() + 1))
    return told


def exclusion(end: int, told: dict) -> str | None:
    """Return the first exclusion that holds for a window ending on ``end``, or None."""
    since = {"cancer": end - YEAR + 1, "hospice_palliative": end - YEAR + 1, "sickle_cell": 0}
    holding = [name for name in since if any(since[name] <= on <= end for on in told[name])]
    return holding[0].removesuffix("_palliative") if holding else None


def is_many(tier: str, rows: list, p: dict) -> tuple:
    """Return whether the rows are enough for the tier, and their prescribers and pharmacies."""
    who, where = (len({r[k] for r in rows} - {None}) for k in ("prescriber_key", "pharmacy_key"))
    enough = who >= p[TIERS[tier][3]], where >= p[TIERS[tier][4]]
    many = any(enough) if tier == "ncqa_uop" else all(enough)
    many |= tier == "cms_oms" and who >= p["oms_prescribers_alone"]
    many &= tier != "pqa_omp" or len({row["day"] for row in rows}) >= p["min_claims"]
    return many, who, where


def window_at(end: int, tier: str, case: dict) -> dict:
    """Return what the tier counts in its window up to ``end``, and whether it fires or might."""
    (drugs, severity, length, *asked), p = TIERS[tier], case["parameters"]
    span = range(end - p[length] + 1, end + 1)
    perhaps = [r for r in case["rows"] if r["day"] in span and (r[drugs] or not r["matched"])]
    rows = [row for row in perhaps if row["matched"]]
    tests = list(tests_of(tier, span, rows, perhaps, case))
    unmet = [doubts for met, doubts, _ in tests if not met]
    _, who, where = is_many(tier, rows, p)
    sedatives = [r for r in case["rows"] if r["drug_class"] == "benzodiazepine" and r["days"]]
    sedated = any(r["day"] + r["days"] > span[0] for r in sedatives if r["day"] <= end)
    graver = {"oig_shopping": sedated, "ncqa_uop": min(who, where) >= p["providers"]}
    gravity = SEVERITIES.index(severity) + graver.get(tier, False)
    said = {"tier": tier, "end": end, "rows": rows, "own_day": tests[0][0]}
    said |= {"value": max(who, where) if tier == "ncqa_uop" else who}
    said |= {"verdict": None if unmet else (gravity, exclusion(end, case["told"]))}
    said |= {"doubts": set().union(*unmet) if all(unmet) else set()}
    asks = f"{tier} ({p[asked[0]]}/{p[asked[1]]} in {p[length]} days) up to {date.fromordinal(end)}"
    return said | {"words": f"{asks}: {', '.join(words for _, _, words in tests[1:])}."}


def tests_of(tier: str, span: range, rows: list, perhaps: list, case: dict) -> Iterator[tuple]:
    """Yield of each test of the tier: is it met, why might it be if not, and its sum in words."""
    p, end = case["parameters"], span[-1]
    (many, who, where), (may, _, _) = is_many(tier, rows, p), is_many(tier, perhaps, p)
    known, some = (any(row["day"] == end for row in each) for each in (rows, perhaps))
    yield known, STRANGE if some else set(), ""
    yield many, STRANGE if may else set(), f"{who} prescribers and {where} pharmacies"
    if tier in case["doses"]:
        dose = Fraction(max(case["doses"][tier].get(on, 0) for on in span), 1000)
        high = dose >= p["oms_mme"] if tier == "cms_oms" else dose > p["dose_threshold_mme"]
        lacking = {row["lacks"] for row in case["rows"] if row["day"] <= end} - {None}
        yield high, lacking, f"doses up to {float(dose):.3f} MME a day"
    if tier == "pqa_omp":
        most, least = (year and date.fromordinal(end).year - year for year in case["born"])
        doubts = {"age_unknown"} if most is None or most >= ADULT else set()  # on that birthday
        yield (least or 0) > ADULT, doubts, f"born {case['born'][1] or 'in a year unknown'}"
    if tier in ("pqa_omp", "ncqa_uop"):
        days, enough = [row["days"] or 0 for row in rows], p["min_days_supply"]
        short = [row for row in perhaps if not row["days"] or not row["matched"]]
        why = {"days_supply_unusable" if row["matched"] else "drug_unmatched" for row in short}
        doubts = why if sum(days) + len(short) * p["longest_days_supply"] >= enough else set()
        yield sum(days) >= enough, doubts, f"{' + '.join(map(str, days))} = {sum(days)} days supply"


def occurrence(run: list, told: dict) -> dict:
    """Return what is said of a run; ``value`` counts prescribers (ncqa_uop: the more of both)."""
    first, (severity, excluded_by) = run[0]["end"], run[0]["verdict"]
    severity += any(first - YEAR <= on <= first for on in told["overdose"] | told["sud"])
    said = {"definition": run[0]["tier"], "value": max(window["value"] for window in run)}
    said |= {"severity": SEVERITIES[min(severity, 3)], "excluded_by": excluded_by}
    said |= {"first_on": date.fromordinal(first), "last_on": date.fromordinal(run[-1]["end"])}
    return said | {"records": sorted({row["key"] for window in run for row in window["rows"]})}


def arithmetic(worst: dict, windows: list) -> list:
    """Return in words the fullest window of the worst occurrence, or else of each tier."""
    if worst:
        days = range(worst["first_on"].toordinal(), worst["last_on"].toordinal() + 1)
        windows = [w for w in windows if w["tier"] == worst["definition"] and w["end"] in days]
    fullest, lines = {w["tier"]: w for w in sorted(windows, key=lambda w: w["value"])}, []
    for window in fullest.values():
        for row in window["rows"] if worst else ():
            shown = {"days": row["days"], "MME a day": row["dose"] and row["dose"] / 1000}
            shown |= {"prescriber": row["prescriber_key"], "pharmacy": row["pharmacy_key"]}
            told = "".join(f", {name} {each}" for name, each in shown.items() if each is not None)
            lines.append(f"{row['key']}: {row['event_date']}, {row['ingredient']}{told}.")
        lines.append(window["words"])
    return lines or ["No row is of a drug that a tier looks at."]
