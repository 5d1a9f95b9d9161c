"""Pipe-separated values, as CMS and state programs write them, quoted like CSV."""

from .shape import Format

FORMAT = Format(
    name="pipe",
    title="Pipe-separated values",
    delimiter="|",
    said="pipes (|)",
    suffixes=(".psv", ".pipe", ".txt", ".csv", ".dat"),
)
