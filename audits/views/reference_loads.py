"""Bringing a published reference table in: the form for its files, and the page of their check."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from .. import jobs, trail, versions
from ..forms.reference import LoadForm
from ..models import Job, ReferenceLoad, ReferenceVersion
from ..reference.loaders import LOADERS
from ..reference.own_table import OwnTable
from ..tables.reference import version_url
from .permitted import needs, takes_files

State = ReferenceLoad.State
UNPROCESSABLE = 422
TOO_LARGE = 413


@takes_files("manage_reference", "REFERENCE_LIMIT")
@needs("manage_reference")
@require_http_methods(["GET", "HEAD", "POST"])
def load_new(request: HttpRequest, table: str) -> HttpResponse:
    """Show the form, or take files in: bytes kept, a job asked for, on to the page of the load."""
    if table not in LOADERS:
        raise Http404
    form = LoadForm(table, request.POST or None, request.FILES or None)
    if request.method == "POST" and getattr(request, "cut_off", False):
        context = {"loader": LOADERS[table], "table": table}
        return render(request, "audits/reference_too_large.html", context, status=TOO_LARGE)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(_received(request, table, form))
        except jobs.Refused as refusal:
            form.add_error(None, str(refusal))
    loader = LOADERS[table]
    context = {
        "form": form,
        "loader": loader,
        "columns": loader.columns_told() if isinstance(loader, OwnTable) else (),
        "table": table,
        "waiting": _proposed(table),
        "under_way": ReferenceLoad.objects.filter(table=table, state=State.RECEIVED).first(),
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "audits/reference_load_new.html", context, status=status)


@needs("manage_reference")
@require_safe
@vary_on_headers("HX-Request")
def load(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the check of files is, or what is wrong with them; else on to the version."""
    shown = get_object_or_404(ReferenceLoad.objects.select_related("sent_by"), pk=pk)
    job = Job.objects.filter(object_type="reference_load", object_id=str(pk)).first()
    if job is not None and not job.is_ended:
        job = jobs.sweep_if_stalled(job)
        shown.refresh_from_db()
    going = job is not None and not job.is_ended
    context = {"load": shown, "job": job, "going": going}
    if request.headers.get("HX-Target") == "progress":
        if going:
            return render(request, "audits/_upload_progress.html", context)
        return HttpResponse(headers={"HX-Refresh": "true"})
    if shown.state == State.READ:
        return redirect(version_url(shown.version_id))
    return render(request, "audits/reference_load.html", context)


def _received(request: HttpRequest, table: str, form: LoadForm) -> ReferenceLoad:
    """Take in what a valid form brings; raises Refused."""
    given = form.cleaned_data
    files = [versions.Arriving(each.name, each.chunks()) for each in given["file"]]
    received, _ = versions.receive(
        table,
        files,
        edition=given["edition"],
        status=given["status"],
        by=request.user,
        actor=trail.Actor.of_request(request),
    )
    return received


def _proposed(table: str) -> ReferenceVersion | None:
    waiting = ReferenceVersion.objects.filter(table=table, state=ReferenceVersion.State.PROPOSED)
    return waiting.first()
