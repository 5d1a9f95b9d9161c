"""The canonical layout: the file's columns are called as the record kinds declare them."""

from collections.abc import Mapping
from types import MappingProxyType

from ..schema import KINDS, Kind, Need
from .plan import (
    MappingError,
    Plan,
    Preset,
    cell,
    completed,
    folded,
    known_kind,
    listed,
    shown,
    suggestion,
)

NAME = "canonical"
VERSION = 1
FILLED_OTHERWISE = ("source_system",)  # `--source` says it for the whole file
SHARED = ("source_system", "source_record_id", "record_status")


def plan(header: tuple[str, ...], kind: str | None) -> Plan:
    """Return the plan for a header of canonical names, in any order and any case.

    ``kind`` None: the one kind whose columns fit. Raises MappingError for unknown or
    doubled columns, for missing ones without which no row could be accepted, and where
    the kind is not to be told or contradicts the header.
    """
    names = folded(header)
    chosen = _recognised(names) if kind is None else known_kind(kind)
    if problems := _problems(chosen, names):
        raise MappingError(_refusal(chosen, problems, names))
    carries_status = "record_status" in names
    return Plan(
        preset=NAME,
        version=VERSION,
        kind=chosen.name,
        expressions=completed(chosen, {key: cell(name) for key, name in names.items()}),
        source_columns=MappingProxyType(dict(names)),
        carries_status=carries_status,
        change_policy="by_status" if carries_status else "latest_wins",
        notes=_notes(chosen, names, carries_status),
    )


def _recognised(names: Mapping[str, str]) -> Kind:
    """Return the only kind that fits ``names``, else the only one that comes nearest."""
    fitting = [kind for kind in KINDS.values() if not _problems(kind, names)]
    nearest = fitting or _nearest(names)
    if len(nearest) == 1:
        return nearest[0]
    among = [kind.name for kind in nearest] or list(KINDS)
    raise MappingError(
        f"The columns do not tell what kind of records these are: {listed(names.values())}. "
        f"Name the kind ({', '.join(among)}), or head the columns as its template does."
    )


def _nearest(names: Mapping[str, str]) -> list[Kind]:
    """Return the kinds that share the most columns of their own with ``names``, if any."""
    shared = {
        kind.name: len(names.keys() & set(kind.columns) - set(SHARED)) for kind in KINDS.values()
    }
    most = max(shared.values())
    return [KINDS[name] for name, count in shared.items() if count == most > 0]


def _problems(kind: Kind, names: Mapping[str, str]) -> list[str]:
    """Return what keeps ``names`` from being a file of ``kind``, as parts of a sentence."""
    unknown = [name for name in names if name not in kind.columns]
    free = [column for column in kind.columns if column not in names]
    found = [f"{shown(names[name])}{suggestion(name, free)}" for name in unknown]
    problems = [f"unknown column {listed(found)}"] if found else []
    missing = [c for c in _must_have(kind) if c not in names]
    if missing:
        problems.append(f"no column {listed(missing)}")
    problems += [
        f"none of the columns {', '.join(group)}"
        for _, group in kind.any_of
        if len(group) > 1 and not set(group) & set(names)
    ]
    return problems


def _must_have(kind: Kind) -> tuple[str, ...]:
    """Return the columns without which every row of ``kind`` would be rejected."""
    return tuple(
        field.name
        for field in kind.fields
        if field.need is Need.IDENTITY and field.name not in FILLED_OTHERWISE
    )


def _refusal(kind: Kind, problems: list[str], names: Mapping[str, str]) -> str:
    others = [other.name for other in KINDS.values() if not _problems(other, names)]
    if others:
        hint = f"The header is that of a file of {others[0]}: choose that kind."
    else:
        hint = "Rename, add or remove the columns as in the template, or choose another preset."
    return f"This file cannot be read as {kind.name}: {'; '.join(problems)}. {hint}"


def _notes(kind: Kind, names: Mapping[str, str], carries_status: bool) -> tuple[str, ...]:
    notes = ["Dates are read as YYYY-MM-DD."]
    if not carries_status:
        notes.append("There is no record_status column: a record sent again replaces the former.")
    needed = [f.name for f in kind.fields if f.need is Need.RULES and f.name not in names]
    if lacking := [name for name in needed if name != "record_status"]:
        notes.append(f"Columns that most rules need and the file lacks: {', '.join(lacking)}.")
    return tuple(notes)


def recognises(header: tuple[str, ...]) -> bool:
    """Return whether any column has a canonical name."""
    canonical = {column for kind in KINDS.values() for column in kind.columns}
    return any(name.strip().lower() in canonical for name in header)


PRESET = Preset(
    name=NAME,
    title="Canonical columns, as in the templates",
    version=VERSION,
    recognises=recognises,
    plan=plan,
)
