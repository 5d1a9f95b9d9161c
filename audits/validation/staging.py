"""One pass over the file's text: every value, and for every row what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..schema import Field, Kind
from .identifiers import npi_number
from .problems import CONTROL, Problem, npi, text, unjoined
from .reading import is_npi, literal, value

if TYPE_CHECKING:
    from ..mapping import Plan

BITS = 63
HIDDEN = "control_character"
HIDDEN_BITS = "_rejects_hidden"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Where the staged rows say whether they have ``problem``: one bit of one column."""

    problem: Problem
    column: str
    bit: int

    @property
    def condition(self) -> str:
        """Return SQL over the staged rows; a warning counts only where the row is accepted."""
        has_it = f"({self.column} & {1 << self.bit}) <> 0"
        return has_it if self.problem.rejects else f"({has_it} AND NOT _rejected)"


def marks(problems: Sequence[Problem]) -> tuple[Mark, ...]:
    """Return a bit for every problem: rejections, warnings and mere counts in columns apart."""
    sorts = {
        "_rejects": [p for p in problems if p.rejects and p.code != HIDDEN],
        HIDDEN_BITS: [p for p in problems if p.code == HIDDEN],
        "_warns": [p for p in problems if not p.rejects and p.listed],
        "_lacks": [p for p in problems if not p.rejects and not p.listed],
    }
    return tuple(
        Mark(problem=problem, column=f"{sort}{position // BITS}", bit=position % BITS)
        for sort, found in sorts.items()
        for position, problem in enumerate(found)
    )


def query(
    kind: Kind,
    plan: "Plan",
    all_marks: Sequence[Mark],
    *,
    cells: str,
    unread: str,
    source: str | None,
) -> str:
    """Return SQL for the staged rows: ``row``, the values by name, the bits, two verdicts.

    ``cells`` is SQL for the file's text, ``unread`` for the rows left out of this pass.
    """
    texts = ", ".join(f"{_mapped(plan, c, source)} AS {text(c)}" for c in kind.columns)
    present = [c for c in kind.columns if c not in plan.absent] or ["source_record_id"]
    texts += "".join(f", ({sql}) AS {unjoined(c)}" for c, sql in plan.unjoined.items())
    whole = ", ".join(text(c) for c in present)
    values = ", ".join(
        [f'{_value(f, plan, source)} AS "{f.name}"' for f in kind.fields]
        + [f"{npi_number(text(f.name))} AS {npi(f.name)}" for f in kind.fields if is_npi(f)]
    )
    bits = ", ".join(f"{sql} AS {name}" for name, sql in _words(all_marks).items())
    names = ", ".join(f'"{c}"' for c in kind.columns)
    return f"""
        WITH mapped AS (
            SELECT row, {texts} FROM {rows(cells, unread)}
        ),
        seen AS (
            SELECT *, regexp_matches(concat({whole}), {literal(CONTROL)}) AS "_control" FROM mapped
        ),
        valued AS (SELECT *, {values} FROM seen),
        judged AS (SELECT row, {names}, {bits} FROM valued)
        SELECT *, {_any(all_marks, "_rejects")} AS _rejected, {_any(all_marks, "_warns")} AS _warned
        FROM judged
    """


def rows(cells: str, unread: str) -> str:
    """Return SQL for the rows of the text ``cells`` that are not ``unread``, after FROM."""
    return f"{cells} WHERE row NOT IN (SELECT row FROM {unread})"


def _mapped(plan: "Plan", column: str, source: str | None) -> str:
    mapped = f"CAST({plan.expressions[column]} AS VARCHAR)"
    if column == "source_system" and source is not None:
        return f"coalesce({mapped}, {literal(source)})"
    return mapped


def _value(field: Field, plan: "Plan", source: str | None) -> str:
    filled = field.name == "source_system" and source is not None
    if field.name in plan.absent and not filled:
        return f"CAST(NULL AS {field.sql_type})"
    return value(field, text(field.name))


def _words(all_marks: Sequence[Mark]) -> Mapping[str, str]:
    """Return SQL for every column of bits, the sum of the conditions that are true."""
    found: dict[str, list[str]] = {}
    for mark in all_marks:
        flag = f"CASE WHEN {mark.problem.condition} THEN {1 << mark.bit} ELSE 0 END"
        found.setdefault(mark.column, []).append(f"CAST({flag} AS BIGINT)")
    sums = {name: " + ".join(flags) for name, flags in found.items()}
    # Hardly any row has such a character, so its cells are not looked through one by one.
    return {
        name: f'CASE WHEN "_control" THEN {sql} ELSE 0 END' if HIDDEN_BITS in name else sql
        for name, sql in sums.items()
    }


def _any(all_marks: Sequence[Mark], sort: str) -> str:
    columns = sorted({m.column for m in all_marks if m.column.startswith(sort)})
    return f"({' OR '.join(f'{column} <> 0' for column in columns) or 'false'})"
