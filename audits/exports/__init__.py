"""Taking flags and answers out: one writer for files of the command line and of the site.

Files are written beside their place and renamed when whole; the trail has an event with
the number of rows and the SHA-256 of the bytes before anybody gets them.
"""

from .about import about_answers, about_flags
from .answered import (
    AnswerPage,
    Coverage,
    answer_page,
    coverage,
    coverages,
    last_evaluations,
)
from .answers import ANSWER_COLUMNS, NothingEvaluated, answer_rows, last_of
from .figures import exact, exact_of
from .flags import FLAG_COLUMNS, exportable, flag_rows
from .held import GROUPED, KindHeld, RecordPage, kinds_held, record_page
from .making import FORMATS, Made, NotWritable, deliver, deliver_made, make, tell
from .splits import ROLE_GROUP, SCHEDULE, split_of, words
from .workbook import About, CellTooLong
from .writing import Column, Row

__all__ = [
    "ANSWER_COLUMNS",
    "FLAG_COLUMNS",
    "FORMATS",
    "GROUPED",
    "ROLE_GROUP",
    "SCHEDULE",
    "About",
    "AnswerPage",
    "CellTooLong",
    "Column",
    "Coverage",
    "KindHeld",
    "Made",
    "NotWritable",
    "NothingEvaluated",
    "RecordPage",
    "Row",
    "about_answers",
    "about_flags",
    "answer_page",
    "answer_rows",
    "coverage",
    "coverages",
    "deliver",
    "deliver_made",
    "exact",
    "exact_of",
    "exportable",
    "flag_rows",
    "kinds_held",
    "last_evaluations",
    "last_of",
    "make",
    "record_page",
    "split_of",
    "tell",
    "words",
]
