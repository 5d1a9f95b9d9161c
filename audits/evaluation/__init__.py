"""The path from a snapshot to flags: put the rules, write unseen, publish as one."""

from .evaluating import ask, evaluate

__all__ = ["ask", "evaluate"]
