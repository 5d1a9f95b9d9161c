"""Where a block of a file can be cut so that its records are whole and its quotes plain."""

import re
from functools import cache


def clean_length(block: bytes, delimiter: str, *, last: bool) -> int:
    """Return the length of the longest beginning of ``block`` that is whole, plain records.

    The block begins where a record does; ``last`` says that the file ends with it. Plain
    means that every reader agrees on the cells: a quotation mark at the beginning of a cell
    opens it, is closed before a delimiter or line end and doubled in between; a mark further
    on in a cell that was not opened is text. Returns 0 where the first record is not plain.
    """
    if b'"' in block:
        # The frame stands for the line ends before the block and after the file.
        framed = b"\n" + block + (b"\n" if last else b"")
        return min(_plain_records(delimiter).match(framed).end() - 1, len(block))
    return len(block) if last else _after_last_line_end(block)


@cache
def _plain_records(delimiter: str) -> re.Pattern[bytes]:
    edge = "[" + re.escape(delimiter) + r"\r\n]"
    quoted = rf'(?<={edge})"[^"]*+"(?:"[^"]*+")*+(?={edge})'
    text = rf'(?<!{edge})"'
    # A return at the block's end may be half of a line end.
    line_end = r"(?:\n|\r\n|\r(?=[^\n]))"
    record = rf'(?:[^"\r\n]*+(?:{quoted}|{text}))*+[^"\r\n]*+{line_end}'
    return re.compile(f"(?:{record})*+".encode())


def _after_last_line_end(block: bytes) -> int:
    feed = block.rfind(b"\n")
    # A return at the block's end may be half of a line end.
    return max(feed, block.rfind(b"\r", feed + 1, len(block) - 1)) + 1
