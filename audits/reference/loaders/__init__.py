"""One file a published table: bytes in, the loaded table out. A loader is found by being here.

A loader is a module, or the ``LOADER`` in one, with ``TABLE`` (its name), ``TITLE``, ``SOURCE``,
``FILES`` (what files it takes, in words), ``KEY`` (the columns that tell rows apart),
``COMPARED`` (the facts that a difference is told by), ``FEEDS`` (the shipped tables that it
speaks before or, of its own name, in the place of; none where it only gives names) and
``load(files) -> Loaded``, which raises LoadError.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, cast

from ..published import File, Loaded


class Loader(Protocol):
    """What a module of this package offers."""

    TABLE: str
    TITLE: str
    SOURCE: str
    FILES: tuple[str, ...]
    KEY: tuple[str, ...]
    COMPARED: tuple[str, ...]
    FEEDS: tuple[str, ...]

    def load(self, files: Sequence[File]) -> Loaded:
        """Return the table that ``files`` hold; raises LoadError."""


def _found() -> Mapping[str, Loader]:
    names = sorted(p.stem for p in Path(__file__).parent.glob("*.py") if p.stem != "__init__")
    modules = [import_module(f"{__name__}.{name}") for name in names]
    loaders = [cast(Loader, getattr(module, "LOADER", module)) for module in modules]
    return MappingProxyType({loader.TABLE: loader for loader in loaders})


LOADERS: Mapping[str, Loader] = _found()
# What the other tables are called, which ship and which nobody loads.
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "brands": "Brand names",
        "ndc_products": "Products by NDC",
        "other_ingredients": "Other ingredients",
        "rxnorm": "Products by RxNorm number",
        "sources": "Sources",
        "synonyms": "Names of ingredients",
    }
)


def titled(table: str) -> str:
    """Return what a reference table is called."""
    return LOADERS[table].TITLE if table in LOADERS else TITLES[table]
