"""The rows behind the counts of an upload, and the file to correct them in."""

import tempfile

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from django_tables2 import RequestConfig

from .. import trail
from ..formats import FormatError
from ..ingestion import listing
from ..models import Upload
from ..tables.uploads import OutcomeTable, ProblemTable
from ..validation import CODES
from ..vocabulary import Outcome
from .listing import whole
from .permitted import may, needs
from .uploads import OUTCOME_MEANINGS

PAGE = 100


@needs("upload_records", "view_records")
@require_safe
def problems(request: HttpRequest, pk: int, level: str) -> HttpResponse:
    """List the rows that were rejected or warned of: row, column and code, never a value."""
    upload = get_object_or_404(Upload, pk=pk)
    code, column = request.GET.get("code"), request.GET.get("column")
    if code is not None and code not in CODES:
        raise Http404
    found = listing.problems(
        upload,
        level,
        column=column,
        code=code,
        after=whole(request.GET.get("after")),
        limit=PAGE + 1,
    )
    rows = list(dict.fromkeys(line["row"] for line in found))[:PAGE]
    shown = [_in_words(line) for line in found if line["row"] in set(rows)]
    more = len({line["row"] for line in found}) > PAGE
    context = {
        "upload": upload,
        "level": level,
        "code": CODES.get(code),
        "column": column,
        "table": _configured(request, ProblemTable(shown)),
        "next": rows[-1] if more else None,
        "may_correct": may(request.user, "correct_rows") and level == "rejected",
    }
    return render(request, "audits/upload_problems.html", context)


@needs("upload_records", "view_records")
@require_safe
def outcomes(request: HttpRequest, pk: int, outcome: str) -> HttpResponse:
    """List the rows with one outcome; rejected ones have a page of their own."""
    upload = get_object_or_404(Upload, pk=pk)
    if outcome == Outcome.REJECTED:
        return redirect("upload_rejected", pk)
    if outcome not in set(Outcome):
        raise Http404
    after = whole(request.GET.get("after"))
    found = listing.outcomes(upload, outcome, after=after, limit=PAGE + 1)
    context = {
        "upload": upload,
        "outcome": outcome,
        "meaning": OUTCOME_MEANINGS[outcome],
        "table": _configured(request, OutcomeTable(found[:PAGE])),
        "next": found[PAGE - 1]["row"] if len(found) > PAGE else None,
    }
    return render(request, "audits/upload_outcomes.html", context)


@needs("correct_rows")
@require_POST
def rejected_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the rejected rows as they stood, with two columns more; an event each time."""
    upload = get_object_or_404(Upload, pk=pk)
    # Deleted when the answer is sent and closed; nothing of it stays.
    made = tempfile.TemporaryFile(dir=listing.folders.folder_of(upload))  # noqa: SIM115
    try:
        listing.write_rejected(upload, made, trail.Actor.of_request(request))
    except (FormatError, OSError):
        made.close()
        raise Http404 from None
    made.seek(0)
    name = f"upload-{upload.pk}-rejected.csv"
    return FileResponse(made, as_attachment=True, filename=name, content_type="text/csv")


def _in_words(line: dict) -> dict:
    said = CODES[line["code"]]
    column = line["column"] or None
    return {"row": line["row"], "column": column, "code": said.sentence, "remedy": said.remedy}


def _configured(request: HttpRequest, table):
    return RequestConfig(request, paginate=False).configure(table)
