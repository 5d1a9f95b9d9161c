"""The formats of uploads: each module here with a ``FORMAT`` is one, found by being there."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType

from . import delimited, inspection
from .shape import Format, FormatError, Reading, Shape

__all__ = ["FORMATS", "Format", "FormatError", "Reading", "Shape", "inspect", "read"]


def _formats() -> Mapping[str, Format]:
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    formats = (module.FORMAT for module in modules if hasattr(module, "FORMAT"))
    return MappingProxyType({format.name: format for format in formats})


FORMATS = _formats()


def inspect(path: Path, encoding: str | None = None) -> Shape:
    """Return how to read the file at ``path``, known by its content and not by its name.

    ``encoding`` overrides what is found: utf-8, utf-8-sig, utf-16 or cp1252. The whole file
    is looked through for the encoding, the first megabyte for the rest. Raises FormatError.
    """
    return inspection.inspect(path, tuple(FORMATS.values()), encoding)


def read(
    path: Path, shape: Shape, into: Path, progress: Callable[[int], None] | None = None
) -> Reading:
    """Write the records of ``path`` to the Parquet file ``into``; see ``delimited.read``."""
    return delimited.read(path, shape, into, progress)
