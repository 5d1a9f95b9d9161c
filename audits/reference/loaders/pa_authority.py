"""Which states let physician assistants practise without an agreement."""

from ..cells import words
from ..own_table import calendar_table

LOADER = calendar_table(
    "pa_authority",
    "Authority of physician assistants by state",
    agreement=words("required", "not required"),
)
