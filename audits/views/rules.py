"""The rules: what each asks, on whose authority, and what it does to worked examples."""

from dataclasses import dataclass
from inspect import cleandoc

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..catalogue import CATALOGUE
from .permitted import signed_in


@dataclass(frozen=True, kw_only=True)
class ExampleTable:
    """One table of a rule's worked examples."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@signed_in
@require_safe
def rule_list(request: HttpRequest) -> HttpResponse:
    """List the rules in the order of their numbers."""
    return render(request, "audits/rule_list.html", {"rules": CATALOGUE.values()})


@signed_in
@require_safe
def rule_page(request: HttpRequest, name: str) -> HttpResponse:
    """Show the whole card of a rule."""
    if name not in CATALOGUE:
        raise Http404
    rule = CATALOGUE[name]
    lead, _, rest = rule.rationale.partition("\n\n")
    context = {"rule": rule, "lead": lead, "rest": rest, "examples": example_tables(rule.examples)}
    return render(request, "audits/rule.html", context)


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
