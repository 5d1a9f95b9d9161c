"""Uploads: the list, the form that brings one in, and the page of each."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from .. import ingestion, jobs, trail
from ..forms.uploads import UploadForm, WithdrawalForm
from ..ingestion import conflicts
from ..models import Job, Upload
from ..schema import KINDS
from ..tables.listed import listed
from ..tables.uploads import UploadTable
from ..validation import CODES
from .listing import page_or_fragment
from .permitted import may, needs, takes_files

OUTCOMES = ("new", "revised", "voided", "unchanged", "stale", "duplicate", "conflict", "rejected")
OUTCOME_MEANINGS = {
    "new": "records not seen before",
    "revised": "records that change an earlier one",
    "voided": "records cancelled",
    "unchanged": "exactly as already held",
    "stale": "an earlier content sent again; not applied",
    "duplicate": "the same row twice in this file",
    "conflict": "a changed record not marked as revised; the former stays until a person chooses",
    "rejected": "not loaded; the reasons are below",
}


@needs("upload_records", "view_records")
@require_safe
@vary_on_headers("HX-Request")
def upload_list(request: HttpRequest) -> HttpResponse:
    """List the uploads."""
    table = listed(request, UploadTable, Upload.objects.all())
    return page_or_fragment(request, "audits/upload_list.html", {"table": table})


@takes_files("upload_records", "UPLOAD_LIMIT")
@needs("upload_records")
@require_http_methods(["GET", "HEAD", "POST"])
def upload_new(request: HttpRequest) -> HttpResponse:
    """Show the form, or take files in: bytes kept, a job asked for, on to the upload's page."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and getattr(request, "cut_off", False):
        return render(request, "audits/upload_too_large.html", status=413)
    if request.method == "POST" and form.is_valid():
        return redirect(_received(form, trail.Actor.of_request(request)))
    context = {"form": form, "kinds": KINDS.values()}
    return render(request, "audits/upload_new.html", context, status=422 if form.is_bound else 200)


def _received(form: UploadForm, actor: trail.Actor) -> Upload:
    """Take in what a valid form brings; return its upload, the first where there are several."""
    asked, files = form.asked(), form.cleaned_data["file"]
    if len(files) == 1:
        upload, _ = ingestion.receive(files[0].chunks(), asked, actor, announced=True)
        return upload
    sent = [ingestion.Sent(name=each.name, blocks=each.chunks()) for each in files]
    uploads, _ = ingestion.receive_together(sent, asked, actor, announced=True)
    return uploads[0]


@needs("upload_records", "view_records")
@require_safe
@vary_on_headers("HX-Request")
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far an upload has come; a fragment of the same address while a job runs."""
    shown = get_object_or_404(Upload, pk=pk)
    job = latest_job(shown)
    if job is not None and (not job.is_ended or jobs.again_at(job)):
        job = jobs.sweep_if_stalled(job)
    going = job is not None and not job.is_ended
    if not going and may(request.user, "upload_records"):
        ingestion.release_abandoned()
        shown.refresh_from_db()
    outlook = jobs.outlook(job) if job is not None else ""
    context = {"upload": shown, "job": job, "going": going, "outlook": outlook}
    if request.headers.get("HX-Target") == "progress":
        if going:
            return render(request, "audits/_upload_progress.html", context)
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "audits/upload.html", context | _facts(request, shown))


@needs("upload_records")
@require_http_methods(["POST"])
def promote(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the promotion of a staged upload."""
    return _act(request, pk, _promoted)


@needs("upload_records")
@require_http_methods(["POST"])
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a staged upload aside."""

    def discarded(chosen: Upload, actor: trail.Actor) -> str:
        if not ingestion.discard(chosen, actor):
            other = next(u for u in chosen.together() if u.status != Upload.Status.STAGED)
            raise jobs.Refused(f"Upload {other.pk} is {other.get_status_display().lower()}.")
        return "Discarded. The file itself is kept."

    return _act(request, pk, discarded)


@needs("upload_records")
@require_http_methods(["POST"])
def ask_withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a promoted upload to be taken back."""
    form = WithdrawalForm(request.POST)
    chosen = get_object_or_404(Upload, pk=pk)
    if not form.is_valid():
        context = {"upload": chosen, "job": latest_job(chosen), "going": False}
        facts = _facts(request, chosen) | {"withdrawal": form}
        return render(request, "audits/upload.html", context | facts, status=422)

    def asked(chosen: Upload, actor: trail.Actor) -> str:
        ingestion.ask_for_withdrawal(chosen, form.cleaned_data["reason"], actor)
        return "Asked for. Another administrator has to confirm it."

    return _act(request, pk, asked)


@needs("upload_records")
@require_http_methods(["POST"])
def confirm_withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a withdrawal that somebody else asked for."""

    def confirmed(chosen: Upload, actor: trail.Actor) -> str:
        ingestion.confirm_withdrawal(chosen, actor)
        return "Confirmed. The upload is being withdrawn."

    return _act(request, pk, confirmed)


def latest_job(chosen: Upload) -> Job | None:
    """Return the newest job on an upload or what came with it, or what must be finished."""
    numbers = [str(each.pk) for each in chosen.together()]
    newest = Job.objects.filter(object_type="upload", object_id__in=numbers).first()
    if newest and newest.is_ended and chosen.status == Upload.Status.PROMOTING:
        return ingestion.begun(chosen) or newest
    return newest


def conflicts_of(chosen: Upload) -> dict:
    """Return the counts of an upload's conflicts, or the reason why they cannot be had."""
    try:
        return {"conflicts": conflicts.tally(chosen)}
    except jobs.Refused as refusal:
        return {"conflicts_lost": str(refusal)}


def _promoted(chosen: Upload, actor: trail.Actor) -> str:
    running = latest_job(chosen)
    if running is not None and not running.is_ended:
        raise jobs.Refused("A job is working on this upload already.")
    ingestion.ask_for_promotion(chosen, actor, then_evaluate=True)
    return "Promotion asked for. The rules run when it is done."


def _act(request: HttpRequest, pk: int, act) -> HttpResponse:
    """Do ``act`` to an upload and go back to its page with what it said, or why it refused."""
    chosen = get_object_or_404(Upload, pk=pk)
    try:
        messages.success(request, act(chosen, trail.Actor.of_request(request)))
    except jobs.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(chosen)


def _facts(request: HttpRequest, shown: Upload) -> dict:
    """Return what the page says of an upload besides its progress."""
    asked_by = shown.withdrawal_asked_by
    return {
        "counts": [(name, getattr(shown, name), OUTCOME_MEANINGS[name]) for name in OUTCOMES],
        "rejections": _explained(shown.rejection_counts),
        "warnings": _explained(shown.warning_counts),
        "kind": KINDS.get(shown.kind),
        "others": [each for each in shown.together() if each.pk != shown.pk],
        "holding": _holding(shown),
        "may_act": may(request.user, "upload_records"),
        "may_correct": may(request.user, "correct_rows"),
        "withdrawal": WithdrawalForm(),
        "asked_by_oneself": asked_by == request.user.get_username(),
        **conflicts_of(shown),
    }


def _explained(counts: list[dict]) -> list[dict]:
    """Return each count with the sentence and remedy of its code."""
    return [line | {"said": CODES[line["code"]]} for line in counts]


def _holding(shown: Upload) -> dict | None:
    """Return the period the upload states, None where it has no dates yet."""
    kind = KINDS.get(shown.kind)
    begins = shown.covers_from or shown.first_date
    today = shown.received_at.date()
    ends = shown.covers_to or (today if kind and kind.open_ended else shown.last_date)
    if not (begins and ends):
        return None
    return {"begins": begins, "ends": ends, "stated": shown.covers_from is not None}
