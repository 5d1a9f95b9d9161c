"""Files that belong together: which of them is which part of a preset."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .plan import MappingError, Preset, listed

Header = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Sorted:
    """The preset of several files and the name of the part that each is, in their order."""

    preset: Preset
    parts: tuple[str, ...]


def sort_out(files: Sequence[tuple[str, Header]], preset: Preset) -> Sorted:
    """Return which part each of ``files`` (name, header) is, whatever it is called.

    Raises MappingError, one line, where a file is no part, two are the same, or one is missing.
    """
    parts = [next((p.name for p in preset.parts if p.is_headed(h)), "") for _, h in files]
    names: Mapping[str, list[str]] = defaultdict(list)
    for (name, _), part in zip(files, parts, strict=True):
        names[part].append(name)
    problems = [*_foreign(names[""], preset), *_doubled(names), *_missing(names, preset)]
    if problems:
        raise MappingError(" ".join(problems))
    return Sorted(preset=preset, parts=tuple(parts))


def lone(preset: Preset, header: Header) -> MappingError:
    """Return the refusal of a file that came without those it is read together with."""
    try:
        sort_out([("this file", header)], preset)
    except MappingError as error:
        return error
    return MappingError(f"Send the files of {preset.title} together.")


def _foreign(names: list[str], preset: Preset) -> list[str]:
    if not names:
        return []
    parts = ", ".join(part.name for part in preset.parts)
    one = len(names) == 1
    return [
        f"{listed(names)} {'is' if one else 'are'} none of the files that are read of a "
        f"{preset.title} ({parts}). Leave {'it' if one else 'them'} out."
    ]


def _doubled(names: Mapping[str, list[str]]) -> list[str]:
    return [
        f"{listed(found)} are {len(found)} files of {part}. Send one of them."
        for part, found in names.items()
        if part and len(found) > 1
    ]


def _missing(names: Mapping[str, list[str]], preset: Preset) -> list[str]:
    lacking = [part for part in preset.parts if part.read and not names.get(part.name)]
    if not lacking:
        return []
    given = listed(name for found in names.values() for name in found)
    columns = "; ".join(f"{p.name}: {', '.join(sorted(p.needs)).upper()}" for p in lacking)
    return [
        f"There is no file of {listed(part.name for part in lacking)} beside {given}. The files of "
        f"a {preset.title} are read together: send them all in one upload. Each is known by its "
        f"columns ({columns})."
    ]
