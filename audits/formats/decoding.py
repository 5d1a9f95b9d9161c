"""From bytes to UTF-8: which encoding a file has, and the same file written as UTF-8."""

import codecs
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from .shape import FormatError

CHUNK = 1 << 20
UTF8_MARK = codecs.BOM_UTF8
MARKS: Mapping[bytes, str] = MappingProxyType(
    {
        codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
        codecs.BOM_UTF32_BE: "utf-32",
        UTF8_MARK: "utf-8-sig",
        codecs.BOM_UTF16_LE: "utf-16",
        codecs.BOM_UTF16_BE: "utf-16",
    }
)
TITLES: Mapping[str, str] = MappingProxyType(
    {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252"}
)


def encoding_of(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the encoding of the file and the notes on how it was found.

    A byte order mark decides; else UTF-8 if the whole file is valid UTF-8; else
    Windows-1252. Raises FormatError for UTF-32.
    """
    with path.open("rb") as file:
        head = file.read(4)
    marked = next((name for mark, name in MARKS.items() if head.startswith(mark)), None)
    if marked == "utf-32":
        raise FormatError("encoding", "The file is UTF-32 text. Save it as UTF-8.")
    if marked:
        return marked, ()
    wrong = _first_undecodable(path, "utf-8")
    if wrong is None:
        return "utf-8", ()
    line = line_at(path, wrong)
    return "cp1252", (f"Read as Windows-1252 because line {line:,} is not valid UTF-8.",)


@contextmanager
def as_utf8(path: Path, encoding: str, beside: Path) -> Iterator[Path]:
    """Give the path of the file as UTF-8: itself, or a temporary copy next to ``beside``."""
    if encoding in ("utf-8", "utf-8-sig"):
        yield path
        return
    copy = beside.with_name(beside.name + ".utf8")
    try:
        _transcode(path, encoding, copy)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def undecodable(encoding: str, line: int) -> FormatError:
    """Return the refusal of a file that is not what its encoding says."""
    title = TITLES.get(encoding, encoding)
    return FormatError(
        "encoding",
        f"Line {line:,} holds bytes that are not {title} text. Save the file as UTF-8, "
        "or choose the encoding it was written in.",
        line=line,
    )


def decoded_before(error: UnicodeDecodeError, encoding: str) -> str:
    """Return the text of the bytes that a failed decoding got through."""
    # UTF-16 names its byte order in the error; Windows-1252 calls itself a charmap.
    named = encoding if error.encoding == "charmap" else error.encoding
    return error.object[: error.start].decode(named)


def line_at(path: Path, offset: int) -> int:
    """Return the line, from 1, that the byte at ``offset`` of a UTF-8 file is on."""
    ends, before, left = 0, b"", offset
    with path.open("rb") as file:
        while left and (chunk := file.read(min(CHUNK, left))):
            ends += _line_ends(before + chunk) - _line_ends(before)
            before, left = chunk[-1:], left - len(chunk)
    return ends + 1


def _line_ends(data: bytes) -> int:
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def _first_undecodable(path: Path, encoding: str) -> int | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    position = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            kept = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return position - kept + error.start
            if not chunk:
                return None
            position += len(chunk)


def _transcode(path: Path, encoding: str, copy: Path) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    ends, before = 0, b""
    with path.open("rb") as file, copy.open("wb") as out:
        while True:
            chunk = file.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                good = before + decoded_before(error, encoding).encode()
                line = ends - _line_ends(before) + _line_ends(good) + 1
                raise undecodable(encoding, line) from error
            data = text.encode()
            ends += _line_ends(before + data) - _line_ends(before)
            before = data[-1:] or before
            out.write(data)
            if not chunk:
                return
