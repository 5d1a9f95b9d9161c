"""The rules: what each asks, on whose authority, and what it does to worked examples."""

import re
from dataclasses import dataclass
from datetime import date
from inspect import cleandoc

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .. import exports
from ..catalogue import CATALOGUE
from ..evaluation.statements import Statements, statements, statements_of
from ..models import ParameterChange
from ..rule import Rule
from ..tables.parameters import values_of
from ..vocabulary import Severity
from .permitted import may, signed_in
from .rule_answers import POPULATION, TITLES, by_answer, counted

BLANK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class ExampleTable:
    """One table of a rule's worked examples."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@signed_in
@require_safe
def rule_list(request: HttpRequest) -> HttpResponse:
    """List the rules in the order of their numbers, with what they said last."""
    linked, coverages = may(request.user, "view_records"), exports.coverages()
    lines = [
        {
            "rule": rule,
            "about": rule.subject.value.replace("_", " and "),
            "bands": rule.severity.partition(";")[0],
            "counted": by_answer(coverages[name], linked=linked) if name in coverages else {},
        }
        for name, rule in CATALOGUE.items()
    ]
    context = {"lines": lines, "titles": TITLES.values(), "evaluated": bool(coverages)}
    return render(request, "audits/rule_list.html", context)


@signed_in
@require_safe
def rule_page(request: HttpRequest, name: str) -> HttpResponse:
    """Show the whole card of a rule, how far it came with its population, and on demand its SQL."""
    rule = _named(name)
    lead, _, rest = rule.rationale.partition("\n\n")
    context = {"rule": rule, "lead": lead, "rest": rest, "examples": example_tables(rule.examples)}
    context["definitions"] = [
        {"told": each, "sentence": blanks(each.sentence), "word": each.severity in set(Severity)}
        for each in rule.definitions.values()
    ]
    context["values"] = values_of(rule, ParameterChange.objects.in_force())
    context["may_propose"] = may(request.user, "propose_parameters")
    coverage = exports.coverage(rule)
    if coverage is not None:
        linked = may(request.user, "view_records")
        context |= {
            "coverage": coverage,
            "counted": list(counted(coverage, linked=linked)),
            "population": by_answer(coverage, linked=linked)[POPULATION],
        }
    if "sql" in request.GET:
        context["sql"] = _sql(rule, coverage)
    return render(request, "audits/rule.html", context)


@signed_in
@require_safe
def rule_sql(request: HttpRequest, name: str) -> HttpResponse:
    """Give the SQL of a rule as a file."""
    rule = _named(name)
    sent = {"Content-Disposition": f'attachment; filename="{rule.name}.sql"'}
    text = _sql(rule, exports.coverage(rule)).text
    return HttpResponse(text, content_type="text/plain", headers=sent)


def _sql(rule: Rule, coverage: exports.Coverage | None) -> Statements:
    """Return the SQL as last put; before the first evaluation for a day beyond all records."""
    if coverage is None:
        return statements(rule.name, date.max)
    return statements_of(coverage.evaluation, rule)


def _named(name: str) -> Rule:
    """Return the rule of that name; raises Http404."""
    if name not in CATALOGUE:
        raise Http404
    return CATALOGUE[name]


def blanks(sentence: str) -> str:
    """Return a flag's sentence with what is put in as words in brackets."""
    return BLANK.sub(lambda blank: f"[{blank[1].replace('_', ' ')}]", sentence)


def example_tables(text: str) -> list[ExampleTable]:
    """Return the tables of a rule's examples, each a title line and then cells between bars."""
    tables = []
    for block in cleandoc(text).split("\n\n"):
        title, *lines = block.strip().splitlines()
        rows = [tuple(cell.strip() for cell in line.split("|")) for line in _escaped(lines)]
        cells = [tuple(cell.replace("\x00", "|") for cell in row) for row in rows]
        if cells:
            tables.append(ExampleTable(title=title, header=cells[0], rows=tuple(cells[1:])))
    return tables


def _escaped(lines: list[str]) -> list[str]:
    """Hide the bars inside compound subjects: only a bar with a space beside it parts cells."""
    return [_hide(line) for line in lines]


def _hide(line: str) -> str:
    kept = []
    for place, character in enumerate(line):
        inside = line[place - 1 : place] not in ("", " ") and line[place + 1 : place + 2].strip()
        kept.append("\x00" if character == "|" and inside else character)
    return "".join(kept)
