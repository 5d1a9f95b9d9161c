"""Taking flags and answers out: one writer for files of the command line and of the site.

Files are written beside their place and renamed when whole; the trail has an event with
the number of rows and the SHA-256 of the bytes before anybody gets them.
"""

from .answers import ANSWER_COLUMNS, NothingEvaluated, answer_rows
from .figures import exact, exact_of
from .flags import FLAG_COLUMNS, exportable, flag_rows
from .making import Made, NotWritable, deliver, make, tell
from .writing import FORMATS, Column, Row

__all__ = [
    "ANSWER_COLUMNS",
    "FLAG_COLUMNS",
    "FORMATS",
    "Column",
    "Made",
    "NotWritable",
    "NothingEvaluated",
    "Row",
    "answer_rows",
    "deliver",
    "exact",
    "exact_of",
    "exportable",
    "flag_rows",
    "make",
    "tell",
]
