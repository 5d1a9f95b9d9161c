"""What a rule is: a card that explains it, and an expression that computes it."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from types import MappingProxyType

from ibis.expr.types import DateScalar, Table

from .changes import Change
from .reference.citations import Citation
from .vocabulary import Basis, Reason, Severity, Subject
from .wording import bare

OCCURRENCE_COLUMNS = (
    *("subject_id", "definition", "occurred_on", "last_on", "value", "severity", "excluded_by"),
)
EVIDENCE_COLUMNS = (
    *("subject_id", "definition", "occurred_on", "kind", "source_system", "source_record_id"),
    *("content_hash", "upload", "row", "patient_key", "patient_bucket", "notes"),
)
UNUSABLE_COLUMNS = ("subject_id", "reason")


class RuleError(Exception):
    """A rule file or a call of a rule breaks the contract; the message names the rule."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A number the rule turns on, with where it comes from.

    ``comparison`` is the sign used with it, empty where it is not compared;
    ``valid_from`` and ``valid_to`` are inclusive, None where open.
    """

    default: int
    unit: str
    meaning: str
    basis: Basis
    citation: str = ""
    comparison: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One way of the rule to fire; the order in the card is the order of precedence.

    ``sentence`` is the verdict in words with the names of a flag's fields in braces.
    ``threshold`` names the parameter its value is compared with and ``graver`` those beyond
    which it is graver; ``unit`` is that of the value. Empty: those of the whole rule.
    """

    title: str
    sentence: str
    severity: str
    threshold: str = ""
    graver: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Exclusion:
    """A circumstance that turns a fired occurrence into a suppressed one."""

    reason: Reason
    test: str
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How a changed row of a kind touches subjects: where ``population``, perhaps all of them."""

    explanation: str
    population: bool = False


@dataclass(frozen=True, kw_only=True)
class Records:
    """What a rule sees: enriched records, reference tables and the as-of date, nothing else.

    Tables are unexecuted Ibis expressions; their columns are those of the ledger plus what
    ``enrichment`` derives. ``held_spans`` are holdings joined to unbroken spans (``held``),
    ``dose_runs`` the rolling dose of opioids (``rolling``), ``supervised`` the supervision of
    each prescription (``supervision``), ``watched`` and ``sedated`` who looked after a patient
    and what else was taken (``monitoring``), ``scoped``, ``unplaced`` and ``asked`` what was
    written outside the usual scope (``scoping``), ``crowded``, ``behind`` and ``tipping`` for how
    many (``crowds``), ``controlled_days``, ``shares``, ``peer_groups``, ``peer_lines``,
    ``of_peers`` and ``reviewed`` how that compares (``shares``, ``fences``, ``reviews``),
    ``provider_episodes`` when a patient went to many (``episodes``),
    ``refills`` and ``counted_early`` the walk through fills (``stock``), ``escalated`` whom a
    diagnosis makes graver (``diagnosed``), ``excuses`` when one excuses (``circumstances``),
    ``histories``, ``of_scope``, ``prescriptions_told`` what oracles read, ``planned`` the SQL of
    what was built before (``derived``). ``as_of_day`` is the as-of date as an expression. From
    ``judged_from`` to ``judged_to``, None where open, these parameters are in force. What is
    ``kept`` is of everybody, also where the other tables are of some only.
    """

    prescriptions: Table
    practitioners: Table
    supervision: Table
    licences: Table
    encounters: Table
    conditions: Table
    administrations: Table
    pdmp_checks: Table
    lab_results: Table
    exclusions: Table
    holdings: Table
    held_spans: Table
    diagnoses: Table
    authority: Table
    scope_matrix: Table
    dose_runs: Callable[..., Table]
    supervised: Callable[["Records", Table], Table]
    escalated: Callable[["Records", Table], Table]
    histories: Callable[["Records", Table], dict[str, Table]]
    of_scope: Callable[["Records", Table], Table]
    prescriptions_told: Callable[[Table], Table]
    watched: Callable[["Records", Table], Table]
    sedated: Callable[["Records", Table], Table]
    scoped: Callable[["Records", tuple[str, ...]], Table]
    unplaced: Callable[["Records"], Table]
    asked: Callable[["Records"], Table]
    crowded: Callable[..., Table]
    behind: Callable[..., Table]
    tipping: Callable[..., Table]
    controlled_days: Callable[["Records"], Table]
    shares: Callable[..., Table]
    peer_groups: Callable[..., Table]
    peer_lines: Callable[..., Table]
    of_peers: Callable[..., Table]
    reviewed: Callable[..., Table]
    provider_episodes: Callable
    refills: Callable[..., Table]
    counted_early: Callable[[Table, int], Table]
    excuses: Callable[..., Table]
    planned: Callable[..., Mapping[str, str]]
    as_of: date
    as_of_day: DateScalar
    judged_from: date | None = None
    judged_to: date | None = None
    kept: Mapping[str, Table] = field(default_factory=dict)

    def part(self, name: str, derive: Callable[["Records"], Table]) -> Table:
        """Return a part of everybody's records that is kept, else what ``derive`` makes of them."""
        return self.kept[name] if name in self.kept else derive(self)

    @property
    def judged_days(self) -> dict[str, date | None]:
        """Return the bounds of the days that are judged; empty where all of them are."""
        bounds = {"judged_from": self.judged_from, "judged_to": self.judged_to}
        return bounds if any(bounds.values()) else {}

    def judged(self, table: Table, day: str) -> Table:
        """Return the rows of ``table`` whose ``day`` is judged; a rule asks before it forms runs.

        What a day looks back at is not narrowed: only the days that may fire are.
        """
        for bound, inside in ((self.judged_from, "__ge__"), (self.judged_to, "__le__")):
            table = table.filter(getattr(table[day], inside)(bound)) if bound else table
        return table


@dataclass(frozen=True, kw_only=True)
class Findings:
    """A rule's answer as unexecuted expressions, or as their SQL.

    ``population``: subject_id, one row a subject. ``occurrences``: OCCURRENCE_COLUMNS,
    then columns shown as evidence; ``value`` counts 1/divisor of the unit.
    ``evidence``: EVIDENCE_COLUMNS, then the figures of each record. ``unusable``:
    UNUSABLE_COLUMNS, one row for each row that could have changed the answer.
    """

    population: Table | str
    occurrences: Table | str
    evidence: Table | str
    unusable: Table | str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A named question put to the records, with everything a reader needs to judge it.

    ``keeps`` are all that a rule about prescribers reads of patients' records, by name: tables
    with patient_key, made of that patient's alone, and subject_id unless it compares. ``compared``
    gives what its oracle reads of others, for the values of each setting.
    """

    number: str
    name: str
    title: str
    category: str
    subject: Subject
    threshold: str
    unit: str
    value_divisor: int
    value_per: str
    definitions: Mapping[str, Definition]
    severity: str
    citations: tuple[Citation, ...]
    parameters: Mapping[str, Parameter]
    needs: Mapping[str, tuple[str, ...]]
    absence_in: tuple[str, ...]
    exclusions: tuple[Exclusion, ...]
    references: tuple[str, ...]
    reach: Mapping[str, Reach]
    not_checked: tuple[str, ...]
    caveat: str
    examples: str
    owner: str
    review_by: date
    expression: Callable[..., Findings]
    history: Callable[..., dict]
    clearing: Callable[[dict, dict, Callable], Iterator[Change]]
    oracle_parameters: Callable[[Mapping[str, int]], dict] = field(default=dict)
    keeps: Mapping[str, Callable[[Records], Table]] = field(default_factory=dict)
    compared: Callable[..., dict[str, Table]] | None = None

    def settled(self, **values: int) -> dict[str, int]:
        """Return every parameter with its default or the given value; raises RuleError."""
        if unknown := values.keys() - self.parameters.keys():
            raise RuleError(f"{self.name}: no such parameter: {', '.join(sorted(unknown))}")
        return {name: values.get(name, p.default) for name, p in self.parameters.items()}

    def threshold_of(self, definition: str) -> str:
        """Return the name of the parameter that a definition's value is compared with."""
        return self.definitions[definition].threshold or self.threshold

    def unit_of(self, definition: str) -> str:
        """Return the unit of a definition's value."""
        return self.definitions[definition].unit or self.unit

    def lines_of(self, definition: str) -> tuple[str, ...]:
        """Return the parameters a definition's value is held against, the one that fires first."""
        chosen = self.definitions[definition]
        if chosen.threshold:
            return chosen.threshold, *chosen.graver
        graver = [
            name
            for name, parameter in self.parameters.items()
            if parameter.comparison and parameter.unit == self.unit and name != self.threshold
        ]
        return self.threshold, *sorted(graver, key=lambda name: self.parameters[name].default)

    def divisor(self, settled: Mapping[str, int]) -> int:
        """Return what an occurrence's value is to be divided by to give the unit."""
        return self.value_divisor * (settled[self.value_per] if self.value_per else 1)

    def find(self, records: Records, **values: int) -> Findings:
        """Return the rule's findings on ``records`` as unexecuted expressions.

        Raises RuleError for an unknown parameter or a result that breaks the contract.
        """
        findings = self.expression(records, **self.settled(**values))
        for table, wanted in (
            (findings.occurrences, OCCURRENCE_COLUMNS),
            (findings.evidence, EVIDENCE_COLUMNS),
            (findings.unusable, UNUSABLE_COLUMNS),
            (findings.population, ("subject_id",)),
        ):
            if tuple(table.columns[: len(wanted)]) != wanted:
                raise RuleError(f"{self.name}: columns must begin with {', '.join(wanted)}")
        return findings

    @property
    def rationale(self) -> str:
        """Return why the rule matters, in the words of its file."""
        return inspect.cleandoc(self.expression.__doc__ or "")

    @property
    def text_digest(self) -> str:
        """Return SHA-256 over the rule file without comments and docstrings."""
        source = inspect.getsource(inspect.getmodule(self.expression))
        return sha256(bare(source).encode()).hexdigest()

    def precedence(self, severity: str, definition: str) -> tuple[int, int]:
        """Return the sorting key of an occurrence: worst first."""
        return -Severity(severity).gravity, list(self.definitions).index(definition)


def rule(**card) -> Callable[[Callable[..., Findings]], Rule]:
    """Return a decorator that turns an expression into a ``Rule`` with this card.

    The rule takes its name from the function. Mappings are made read-only.
    """

    def make(expression: Callable[..., Findings]) -> Rule:
        frozen = {k: MappingProxyType(v) if isinstance(v, dict) else v for k, v in card.items()}
        return Rule(name=expression.__name__, expression=expression, **frozen)

    return make
