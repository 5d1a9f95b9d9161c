"""The record kinds: every column declared once, with its type, unit, meaning and need.

The templates, the field dictionary, the readers' checks and the ledger's tables
are all made from these declarations. One file a kind; a kind is found by being there.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from .field import Field, Kind, Need, Type

__all__ = ["KINDS", "Field", "Kind", "Need", "Type"]


def _found() -> Mapping[str, Kind]:
    """Return every kind declared in this folder by name, in the order of their files."""
    names = [m.name for m in pkgutil.iter_modules(__path__) if m.name != "field"]
    kinds = [importlib.import_module(f"{__name__}.{name}").KIND for name in names]
    return MappingProxyType({kind.name: kind for kind in kinds})


KINDS: Mapping[str, Kind] = _found()
