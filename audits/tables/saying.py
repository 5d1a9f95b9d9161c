"""A flag in words: what happened, to whom, and how far beyond the line it lies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from ..catalogue import CATALOGUE
from ..exports import exact, exact_of
from ..in_force import told_value
from ..models import Evaluation, Flag, FlagState
from ..models.reference_version import SHIPPED, entries_of, fed_by
from ..reference.citations import Citation
from ..reference.loaders import titled
from ..rule import Parameter, Rule
from ..vocabulary import Basis, Subject
from . import judged
from .people import PSEUDONYM, patient_link, prescriber_link

NOTES: Mapping[str, str] = MappingProxyType(
    {
        "patch_days": "days of a fentanyl patch taken as three for each patch, not as reported",
        "written_date_from_fill": "no written date; the fill date stands for it",
        "prescribed_refills_not_seen": "an order: prescribed, not dispensed; refills not seen",
        "strength_differs": "strengths in the record and in the reference tables differ",
        "drug_codes_disagree": "codes and names of one record mean different drugs",
        "ndc_unreadable": "the drug code is not an NDC; the name was used",
        "local_mapping": "drug matched by a local mapping",
        "prescriber_mapped": "prescriber's number read by a local mapping",
        "pharmacy_mapped": "pharmacy's number read by a local mapping",
        "ndc_unknown": "the drug code is in no reference table; the name was used",
        "strength_ambiguous": "several strengths are written and none can be told apart; none used",
        "strength_per_volume_unknown": "a strength without its volume or form; none used",
        "partner_not_named": "two strengths and one ingredient named; the opioid's was used",
    }
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A number that the figure is compared with, and what it rests on.

    ``passed`` says whether the figure is beyond it; ``distance`` how far, in the unit;
    ``since`` from when on another number than the rule's own holds, empty where that does.
    """

    meaning: str
    sign: str
    limit: str
    unit: str
    passed: bool
    distance: str
    basis: str
    citation: Citation | None
    fires: bool
    since: str


def sentence(state: FlagState) -> str:
    """Return the verdict of the flag's worst occurrence with its exact figures."""
    rule = CATALOGUE[state.flag.rule]
    shown = state.occurrences[0]["shown"] if state.occurrences else {}
    facts = {
        **{name: value for name, value in shown.items() if value is not None},
        "value": grouped(exact_of(state)),
        "threshold": state.threshold,
        "unit": state.unit,
        "first_on": state.first_on,
        "last_on": state.last_on,
        "records": state.records,
    }
    return rule.definitions[state.definition].sentence.format_map(_Told(facts))


class _Told(dict):
    """The facts of a flag; one that is missing is said to be unknown."""

    def __missing__(self, name: str) -> str:
        return "an unknown " + name.replace("_", " ")


def grouped(digits: str) -> str:
    """Return a decimal number with separators of thousands."""
    whole, point, rest = digits.partition(".")
    return f"{int(whole):,}{point}{rest}"


def subject(flag: Flag, *, short: bool = False) -> str:
    """Return whom or what a flag is about, as its id says it."""
    return named_subject(flag.subject_id, short=short)


def named_subject(subject_id: str, *, short: bool = False) -> str:
    """Return a subject's id in words; ``short`` cuts a pseudonym."""
    parts = subject_id.split("|")
    if parts[0].startswith("p_") and short:
        parts[0] = parts[0][:PSEUDONYM]
    elif parts[0].isdigit():
        parts[0] = f"NPI {parts[0]}"
    return ", ".join(parts)


def named(flag: Flag, *, short: bool = False, without: str = "") -> SafeString:
    """Return whom or what a flag is about, persons as the way to their pages.

    ``without`` is the person whose page it is: he is not named again.
    """
    said = subject(flag, short=short).split(", ")
    parts = zip(Subject(flag.subject_kind).parts, flag.subject_id.split("|"), said, strict=False)
    links = [(_person(*part),) for part in parts if part[1] != without]
    return format_html_join(", ", "{}", links)


def _person(part: str, value: str, text: str) -> str:
    if part == "patient_key":
        return patient_link(value, text)
    return prescriber_link(value, text) if part == "npi" else text


def kind(flag: Flag) -> str:
    """Return the kind of the flag's subject in words."""
    return flag.subject_kind.replace("_", " and ")


def notes(state: FlagState) -> list[str]:
    """Return the quality notes of the flag's records as sentences."""
    return [note(word) for word in state.quality]


def note(word: str) -> str:
    """Return a quality note in words; one not known here as it stands, without underlines."""
    return NOTES.get(word, word.replace("_", " "))


def lines_of(state: FlagState) -> Sequence[Line]:
    """Return the numbers that the flag's figure is compared with: first the one that fires."""
    rule = CATALOGUE[state.flag.rule]
    names = rule.lines_of(state.definition)
    return [_line(rule, name, state, fires=name == names[0]) for name in names]


def _line(rule: Rule, name: str, state: FlagState, *, fires: bool) -> Line:
    parameter = rule.parameters[name]
    worst = state.occurrences[0] if state.occurrences else {}
    entry = judged.entry_of(worst, name)
    limit = Decimal(state.threshold) if fires else Decimal(told_value(rule, worst, name))
    beyond = state.value - limit * state.value_divisor
    rising = parameter.comparison.startswith(">")
    equal = parameter.comparison.endswith("=") and not beyond
    return Line(
        meaning=parameter.meaning,
        sign=parameter.comparison,
        limit=f"{limit:,f}",
        unit=parameter.unit,
        passed=equal or (beyond > 0 if rising else beyond < 0),
        distance=grouped(exact(abs(int(beyond)), state.value_divisor)),
        basis=judged.rests_on(rule, name, entry) if entry else _basis(parameter),
        citation=None if entry else _cited(rule, parameter),
        fires=fires,
        since=entry["valid_from"] if entry else "",
    )


def _basis(parameter: Parameter) -> str:
    return judged.HOUSE if parameter.basis == Basis.HOUSE_DEFAULT else parameter.basis.value


def _cited(rule: Rule, parameter: Parameter) -> Citation | None:
    return next((c for c in rule.citations if c.key == parameter.citation), None)


def difference(before: FlagState, after: FlagState) -> list[str]:
    """Return sentences on what ``after`` says otherwise than ``before``."""
    said = []
    if before.verdict != after.verdict:
        words = (each.get_verdict_display().lower() for each in (before, after))
        said.append("It was {}, it is {}.".format(*words))
    if before.severity != after.severity:
        said.append(f"Severity was {before.severity}, it is {after.severity}.")
    if before.value != after.value:
        was, now = (grouped(exact_of(each)) for each in (before, after))
        said.append(f"The figure was {was}, it is {now} {after.unit}.")
    known, shown = identities(before.occurrences), identities(after.occurrences)
    rule = CATALOGUE[after.flag.rule]
    said += [f"New: {told(rule, each)}." for each in sorted(shown - known)]
    said += [f"Gone or changed: {told(rule, each)}." for each in sorted(known - shown)]
    return said or ["The figures are the same; details of its records changed."]


def identities(occurrences: Sequence[Mapping]) -> set[tuple[str, str, str]]:
    """Return what tells each occurrence from the others."""
    return {(o["definition"], o["occurred_on"], o["digest"]) for o in occurrences}


def told(rule: Rule, identity: Sequence[str]) -> str:
    """Return an occurrence in words: its day and definition."""
    definition, day, _ = identity
    return f"{day}, {rule.definitions[definition].title.lower()}"


def tables_of(state: FlagState) -> list[dict]:
    """Return the reference tables that the flag's rule used, loaded ones first, with titles.

    ``later`` is the edition by which the last evaluation found the same, where it is another.
    """
    rule = CATALOGUE[state.flag.rule]
    loaded = fed_by(rule.references)
    used = [
        each for each in entries_of(state.since) if each["table"] in (*loaded, *rule.references)
    ]
    used.sort(key=lambda each: (each["table"] not in loaded, each["table"]))
    later = _later(state)
    return [
        {**each, "title": titled(each["table"]), "later": _another(each, later)} for each in used
    ]


def _another(used: Mapping, later: Mapping[str, Mapping]) -> str:
    """Return the edition of the table among ``later`` where it is not the one used, else ""."""
    now = later.get(used["table"], used)
    edition = "the shipped table" if now["edition"] == SHIPPED else now["edition"]
    return edition if now["digest"] != used["digest"] else ""


def _later(state: FlagState) -> Mapping[str, Mapping]:
    """Return the tables of the last evaluation that found an undecided flag to be the same."""
    if state.flag.handling not in Flag.UNDECIDED:
        return {}
    put = Evaluation.objects.filter(unpublished=False, rules__has_key=state.flag.rule)
    last = put.order_by("-pk").first()
    return {each["table"]: each for each in entries_of(last)} if last else {}
