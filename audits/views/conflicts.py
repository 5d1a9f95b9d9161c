"""Conflicts of an upload: what waits for a choice, choosing, and what was chosen."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_tables2 import RequestConfig

from .. import ingestion, jobs, trail
from ..forms.conflicts import SettlementForm
from ..ingestion import conflicts
from ..models import Upload
from ..tables.conflicts import ConflictTable, SettledTable
from ..tables.listed import listed
from .listing import page_or_fragment, whole
from .permitted import may, needs
from .uploads import conflicts_of, latest_job

PAGE = 50
UNPROCESSABLE = 422


@needs("correct_rows")
@require_safe
def conflict_list(request: HttpRequest, pk: int) -> HttpResponse:
    """List the conflicts that wait, with what is held and what the file says."""
    upload = get_object_or_404(Upload, pk=pk)
    return _page(request, upload, SettlementForm(), whole(request.GET.get("after")))


@needs("correct_rows")
@needs("upload_records")
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for what was chosen to be carried out; back to the list, or to the upload's page."""
    upload, form = get_object_or_404(Upload, pk=pk), SettlementForm(request.POST)
    after = whole(request.POST.get("after"))
    if not form.is_valid():
        return _page(request, upload, form, after, status=UNPROCESSABLE)
    given = form.cleaned_data
    try:
        ingestion.ask_to_settle(
            upload,
            given["choice"],
            given["seen"],
            given["reason"],
            trail.Actor.of_request(request),
            then_evaluate=True,
        )
    except jobs.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        number = len(given["seen"])
        messages.success(request, f"Chosen for {number} record{'s' if number > 1 else ''}.")
    return redirect(f"{reverse('upload_conflicts', args=[pk])}?after={after}")


@needs("correct_rows")
@require_safe
@vary_on_headers("HX-Request")
def settled_list(request: HttpRequest, pk: int) -> HttpResponse:
    """List the conflicts that a person settled: who, when, what and why."""
    upload = get_object_or_404(Upload, pk=pk)
    table = listed(request, SettledTable, conflicts.decided(upload))
    context = {"table": table, "upload": upload}
    return page_or_fragment(request, "audits/upload_conflicts_settled.html", context)


def _page(
    request: HttpRequest, upload: Upload, form: SettlementForm, after: int, status: int = 200
) -> HttpResponse:
    job = latest_job(upload)
    going = job is not None and not job.is_ended
    may_choose = upload.status == Upload.Status.PROMOTED and not going
    may_choose = may_choose and may(request.user, "upload_records")
    context = {"upload": upload, "form": form, "after": after, "job": job, "going": going}
    context |= conflicts_of(upload)
    try:
        found = conflicts.waiting(upload, after=after, limit=PAGE + 1)
        shown = conflicts.with_differences(upload, found[:PAGE])
    except jobs.Refused as refusal:
        context["conflicts_lost"] = str(refusal)
        return render(request, "audits/upload_conflicts.html", context, status=status)
    table = ConflictTable(shown, may_choose=may_choose)
    context |= {
        "table": RequestConfig(request, paginate=False).configure(table),
        "shown": table.data.data,
        "next": shown[-1].row if len(found) > PAGE else None,
        "may_choose": may_choose,
    }
    return render(request, "audits/upload_conflicts.html", context, status=status)
