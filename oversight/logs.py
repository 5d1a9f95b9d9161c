"""The log: one event a line, as JSON, without a value of any record."""

import json
import logging
import traceback
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """Writes a log record as one line of JSON.

    Of an exception only its type and where it was raised are written: its message may
    quote a record.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        request = getattr(record, "request", None)
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(request, "request_id", None),
            "status": getattr(record, "status_code", None),
            "error": _place(record),
        }
        return json.dumps({name: value for name, value in line.items() if value is not None})


def _place(record: logging.LogRecord) -> str | None:
    """Return the type of a logged exception and the frames it passed, innermost first."""
    if not record.exc_info or record.exc_info[0] is None:
        return None
    kind, _, trace = record.exc_info
    frames = reversed(traceback.extract_tb(trace))
    return f"{kind.__name__} at " + " < ".join(f"{f.filename}:{f.lineno} {f.name}" for f in frames)
