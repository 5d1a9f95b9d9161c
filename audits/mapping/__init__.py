"""Mapping: what a file's columns mean. Presets are found by being in this folder, one file each."""

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from .plan import MappingError, Part, Plan, Preset, known_kind, listed, shown, suggestion
from .several import Sorted, sort_out

__all__ = [
    "AUTO",
    "PRESETS",
    "MappingError",
    "Part",
    "Plan",
    "Preset",
    "Sorted",
    "choose",
    "for_several",
    "sort_out",
]

AUTO = "auto"


def _found() -> Mapping[str, Preset]:
    """Return every preset of this folder by name, in the order of their files."""
    modules = [
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    ]
    presets = [module.PRESET for module in modules if hasattr(module, "PRESET")]
    return MappingProxyType({preset.name: preset for preset in presets})


PRESETS: Mapping[str, Preset] = _found()


def choose(header: tuple[str, ...], *, kind: str | None = None, preset: str = AUTO) -> Plan:
    """Return the plan by which a file with ``header`` is read.

    ``preset`` "auto" takes the one that recognises the header; ``kind`` None takes what
    the preset tells. Raises MappingError, one line with the remedy, for an unknown
    preset or kind and for a header that does not fit.
    """
    if kind is not None:
        known_kind(kind)
    if preset == AUTO:
        return _recognising(header).plan(header, kind)
    if preset not in PRESETS:
        raise MappingError(
            f"There is no preset {shown(preset)}{suggestion(preset, PRESETS)}. "
            f"Use one of: {AUTO}, {', '.join(PRESETS)}."
        )
    return PRESETS[preset].plan(header, kind)


def for_several(header: tuple[str, ...]) -> Preset | None:
    """Return the preset that reads a file with ``header`` together with others, if one does."""
    found = [p for p in PRESETS.values() if p.parts and p.recognises(header)]
    return found[0] if len(found) == 1 else None


def _reads(preset: Preset, header: tuple[str, ...]) -> bool:
    """Return whether ``preset`` can make a plan for the header."""
    try:
        preset.plan(header, None)
    except MappingError:
        return False
    return True


def _recognising(header: tuple[str, ...]) -> Preset:
    if together := for_several(header):
        return together
    found = [preset for preset in PRESETS.values() if preset.recognises(header)]
    if len(found) > 1:
        # A known layout may share a name or two with another, which could not read it.
        found = [preset for preset in found if _reads(preset, header)] or found
    if len(found) == 1:
        return found[0]
    if found:
        raise MappingError(
            f"The header fits more than one preset. Choose one: {', '.join(p.name for p in found)}."
        )
    raise MappingError(
        f"No preset recognises these columns: {listed(header) or 'there are none'}. "
        "Head the columns as in a template, or name the preset and the kind."
    )
