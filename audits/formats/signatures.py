"""Files that are no text tables, whatever their names say: known by their first bytes."""

from collections.abc import Mapping
from types import MappingProxyType

SIGNATURES: Mapping[bytes, str] = MappingProxyType(
    {
        b"%PDF-": "a PDF document",
        b"PK\x03\x04": "a ZIP archive",
        b"PK\x05\x06": "an empty ZIP archive",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Microsoft Office document (.xls or .doc)",
        b"\x89PNG\r\n\x1a\n": "a PNG picture",
        b"\xff\xd8\xff": "a JPEG picture",
        b"GIF87a": "a GIF picture",
        b"GIF89a": "a GIF picture",
        b"II*\x00": "a TIFF picture",
        b"MM\x00*": "a TIFF picture",
        b"\x1f\x8b": "a gzip archive",
        b"\xfd7zXZ\x00": "an xz archive",
        b"\x28\xb5\x2f\xfd": "a Zstandard archive",
        b"7z\xbc\xaf\x27\x1c": "a 7z archive",
        b"Rar!\x1a\x07": "a RAR archive",
        b"PAR1": "a Parquet file",
        b"SQLite format 3\x00": "an SQLite database",
        b"\x7fELF": "a program",
        b"{\\rtf": "an RTF document",
    }
)
MARKUP: Mapping[bytes, str] = MappingProxyType(
    {
        b"<!doctypehtml": "an HTML page",
        b"<html": "an HTML page",
        b"<table": "an HTML page",
        b"<?xml": "an XML document",
        b'{"': "a JSON document",
        b"[{": "a JSON document",
    }
)
OFFICE: Mapping[bytes, str] = MappingProxyType(
    {
        b"xl/": "an Excel workbook (.xlsx)",
        b"word/": "a Word document (.docx)",
        b"ppt/": "a PowerPoint document (.pptx)",
        b"opendocument.spreadsheet": "an OpenDocument spreadsheet (.ods)",
    }
)


def other_kind(head: bytes) -> str | None:
    """Return what a file that begins with ``head`` is, in words; null if it may be a table."""
    if head.startswith(b"PK\x03\x04"):
        return next((said for part, said in OFFICE.items() if part in head), "a ZIP archive")
    for prefix, said in SIGNATURES.items():
        if head.startswith(prefix):
            return said
    # Spaces and line ends are free in markup.
    text = b"".join(head[:4096].removeprefix(b"\xef\xbb\xbf").split()).lower()
    return next((said for prefix, said in MARKUP.items() if text.startswith(prefix)), None)
