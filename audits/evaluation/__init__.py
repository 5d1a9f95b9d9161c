"""The path from a snapshot to flags: put the rules, write unseen, publish as one."""

from .beginning import ask
from .evaluating import evaluate

__all__ = ["ask", "evaluate"]
