"""Comma-separated values, RFC 4180."""

from .shape import Format

FORMAT = Format(
    name="csv",
    title="Comma-separated values",
    delimiter=",",
    said="commas",
    suffixes=(".csv", ".txt"),
)
