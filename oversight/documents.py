"""The generated part of ``docs/``: written by ``make docs``, compared by a test.

What the declarations of kinds and the cards of rules say is never written again by hand.
"""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from audits.catalogue import CATALOGUE
from audits.rule import Rule
from audits.schema import KINDS, Field, Kind

DOCS = Path(__file__).resolve().parent.parent / "docs"
PREFACE = """# The field dictionary

Generated from `audits/schema/` by `make docs`; do not edit. Every kind of record is taken
in as a file with a header line (CSV, TSV or pipe-separated, UTF-8 or as `ingest` finds it).
The order of columns is free, optional columns may be left out, and a column with another
name is refused, so that a misspelt one is never lost in silence. Empty templates are in
[templates/](templates/); the pages of the product offer the same files.

A row is rejected only where something marked *required* is missing or a cell cannot be
read as its type. Every other gap is a warning, and a rule that would have needed the value
says *not evaluable* instead of guessing.
"""
RULES_PREFACE = """# The rules

Generated from `audits/rules/` by `make docs`; do not edit. A flag is a lead for a person to
review, never a finding. Each rule answers one of four things about every subject it could
apply to: *fired*, *suppressed* with a reason, *not evaluable* with a reason, or *clear*.
"""
HEADING = (
    "| column | type | need | meaning | words allowed | example |\n|---|---|---|---|---|---|\n"
)


def pages() -> Mapping[str, str]:
    """Return the text of every generated file by its path under ``docs``."""
    templates = {
        f"templates/{kind.name}.csv": ",".join(kind.columns) + "\n" for kind in KINDS.values()
    }
    return {"fields.md": fields(), "rules.md": rules(), **templates}


def fields() -> str:
    """Return the dictionary of every column of every kind, as Markdown."""
    return "\n".join([PREFACE, *(_section(kind) for kind in KINDS.values())])


def rules() -> str:
    """Return every rule's card, as Markdown."""
    return "\n".join([RULES_PREFACE, *(_card(rule) for rule in CATALOGUE.values())])


def main() -> None:
    """Write every page."""
    for name, text in pages().items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"docs/{name}")


def _section(kind: Kind) -> str:
    rows = "".join(_row(field) for field in kind.fields)
    return f"## {kind.title}: `{kind.name}`\n\n{kind.meaning} {_rule(kind)}\n\n{HEADING}{rows}"


def _rule(kind: Kind) -> str:
    """Return what makes a row of this kind usable at all."""
    groups = [columns for _, columns in kind.any_of]
    needed = ", and ".join("one of " + _names(g) if len(g) > 1 else _names(g) for g in groups)
    return f"Each row needs {needed}."


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(f"`{column}`" for column in columns)


def _row(field: Field) -> str:
    cells = (
        f"`{field.name}`",
        ", ".join(_type(field)),
        field.need,
        field.meaning,
        ", ".join(field.choices),
        f"`{field.example}`" if field.example else "",
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _type(field: Field) -> Iterator[str]:
    yield field.type
    if field.unit:
        yield f"in {field.unit}"
    if field.longest:
        yield f"at most {field.longest} characters"


def _card(rule: Rule) -> str:
    """Return one rule: why it matters, when it fires, what it takes, on whose authority."""
    parts = [
        f"## {rule.number} {rule.title}",
        f"`{rule.name}` - {rule.category}, one answer for each {rule.subject.replace('_', ' x ')}. "
        f"Severity: {rule.severity}.",
        rule.rationale,
        "**It fires**\n\n" + _listed(_definitions(rule)),
        "**Its figures**\n\n" + _listed(_parameters(rule)),
        "**What excuses**\n\n" + _listed(f"{e.test} ({e.basis})" for e in rule.exclusions),
        "**What it reads**\n\n" + _listed(_needs(rule)),
        "**What it does not check**\n\n" + _listed(rule.not_checked),
        f"**To bear in mind.** {rule.caveat}",
        "**Worked example**\n\n```\n" + textwrap.dedent(rule.examples).strip() + "\n```",
        "**Sources**\n\n" + _listed(_sources(rule)),
        f"Owner: {rule.owner}; to be reviewed by {rule.review_by}.",
    ]
    return "\n\n".join(parts) + "\n"


def _definitions(rule: Rule) -> Iterator[str]:
    for each in rule.definitions.values():
        yield f"{each.title}: {each.severity}"


def _parameters(rule: Rule) -> Iterator[str]:
    for name, p in rule.parameters.items():
        figure = " ".join(f"{p.comparison} {p.default:,} {p.unit}".split())
        authority = f"{p.basis}, {p.citation}" if p.citation else p.basis
        yield f"`{name}` {figure}: {p.meaning} ({authority})"


def _needs(rule: Rule) -> Iterator[str]:
    for kind, columns in rule.needs.items():
        yield f"`{kind}`: {_names(columns)}"
    if rule.absence_in:
        yield f"a missing row means absence in {_names(rule.absence_in)}, where records are held"


def _sources(rule: Rule) -> Iterator[str]:
    for cited in rule.citations:
        year = f", {cited.year}" if cited.year else ""
        yield f"{cited.key}: {cited.title}{year}. <{cited.url}> ({cited.status})"


def _listed(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) or "- nothing"


if __name__ == "__main__":
    main()
