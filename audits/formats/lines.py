"""The lines of a UTF-8 file one by one, with the count of bytes handed out."""

from collections.abc import Iterator
from typing import BinaryIO

from .shape import LONGEST_RECORD

CHUNK = 1 << 20


class RecordTooLongError(Exception):
    """A record is longer than 8 MiB, so what is read is no table of records."""


class Lines:
    """Iterates over the lines from where ``file`` stands; CR, LF and CRLF end a line.

    ``taken`` is the number of bytes handed out so far. Whoever reads records from the lines
    sets ``record`` to the count at which the present one began; its length is limited, so
    that memory is too. Raises RecordTooLongError, and UnicodeDecodeError with ``taken`` at the
    start of the line that is not UTF-8.
    """

    def __init__(self, file: BinaryIO) -> None:
        """Start at the present position of ``file``."""
        self.taken = 0
        self.record = 0
        self._file = file

    def __iter__(self) -> Iterator[str]:
        """Yield each line with its end."""
        for line in self._raw():
            text = line.decode()
            self.taken += len(line)
            if self.taken - self.record > LONGEST_RECORD:
                raise RecordTooLongError
            yield text

    def _raw(self) -> Iterator[bytes]:
        rest = b""
        while chunk := self._file.read(CHUNK):
            rest += chunk
            # A carriage return may be half of a line end.
            while rest.endswith(b"\r") and (more := self._file.read(1)):
                rest += more
            lines = rest.splitlines(keepends=True)
            rest = b"" if lines[-1].endswith((b"\n", b"\r")) else lines.pop()
            yield from lines
            if len(rest) > LONGEST_RECORD:
                raise RecordTooLongError
        if rest:
            yield rest
