"""The rules there are: whatever file stands in ``rules/``, with its twin in ``oracles/``."""

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType, ModuleType

from . import oracles, rules
from .rule import Rule, RuleError


def _found() -> Mapping[str, Rule]:
    """Return the rules by name, in the order of their numbers."""
    found = []
    for module in pkgutil.iter_modules(rules.__path__):
        rule = getattr(importlib.import_module(f"{rules.__name__}.{module.name}"), module.name)
        if rule.name != module.name:
            raise RuleError(f"rules/{module.name}.py must define {module.name}")
        found.append(rule)
    return MappingProxyType({r.name: r for r in sorted(found, key=lambda r: r.number)})


CATALOGUE: Mapping[str, Rule] = _found()


def oracle(rule: Rule) -> ModuleType:
    """Return the independent oracle of ``rule``: a module with ``judge`` and ``population``."""
    return importlib.import_module(f"{oracles.__name__}.{rule.name}")


def named(text: str) -> Rule:
    """Return the rule a person means by ``R01``, ``opioid-high-dose-90d`` or the name itself.

    Raises RuleError that lists the rules there are.
    """
    wanted = text.strip().lower().replace("-", "_")
    for rule in CATALOGUE.values():
        if wanted in (rule.name, rule.number.lower()):
            return rule
    known = ", ".join(f"{r.number} {r.name}" for r in CATALOGUE.values())
    raise RuleError(f"no rule is called {text!r}; there are: {known}")
