"""Background jobs: the list, and what a person can do to one."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from .. import jobs, trail
from ..models import Job
from ..tables.jobs import JobTable
from ..tables.listed import listed
from .listing import page_or_fragment
from .permitted import needs


@needs("upload_records")
@require_safe
@vary_on_headers("HX-Request")
def job_list(request: HttpRequest) -> HttpResponse:
    """List the jobs."""
    table = listed(request, JobTable, Job.objects.all())
    return page_or_fragment(request, "audits/job_list.html", {"table": table})


@needs("upload_records")
@require_POST
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Cancel a job that waits, or ask the worker of a running one to stop."""
    return _act(request, public_id, jobs.cancel, "Cancelled, or about to be.")


@needs("upload_records")
@require_POST
def retry(request: HttpRequest, public_id: str) -> HttpResponse:
    """Start a failed or cancelled job again."""
    return _act(request, public_id, jobs.retry, "Started again.")


def _act(
    request: HttpRequest,
    public_id: str,
    act: Callable[[Job, trail.Actor], Job],
    done: str,
) -> HttpResponse:
    job = get_object_or_404(Job, public_id=public_id)
    try:
        act(job, trail.Actor.of_request(request))
        messages.success(request, done)
    except jobs.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(_page_of(job))


def _page_of(job: Job) -> str:
    """Return the page of what the job works on, else the list of jobs."""
    try:
        return reverse(job.object_type, args=[job.object_id])
    except NoReverseMatch:
        return reverse("jobs")
