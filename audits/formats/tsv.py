"""Tab-separated values, quoted like CSV."""

from .shape import Format

FORMAT = Format(
    name="tsv",
    title="Tab-separated values",
    delimiter="\t",
    said="tabs",
    suffixes=(".tsv", ".tab", ".txt"),
)
