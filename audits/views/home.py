"""The first page of each role: what is waiting, and nothing else."""

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from ..models import Decision, Flag, FlagState, Job, TrailHead, Upload, User
from ..vocabulary import Severity
from .holdings import coverage
from .permitted import may, signed_in
from .trail import last_verification

SHOWN = 8


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the cards that the person's permissions call for."""
    context: dict = {}
    if may(request.user, "upload_records"):
        context |= {"attention": attention()[:SHOWN], "jobs": live_jobs()[:SHOWN]}
        context |= {"coverage": coverage()}
    if may(request.user, "count_flags", "view_records"):
        context["flags"] = open_flags(linked=may(request.user, "view_records"))
    if may(request.user, "decide_flags"):
        context["second"] = second(request.user)
    if may(request.user, "verify_trail"):
        context |= {"last": last_verification(), "head": TrailHead.objects.first()}
        context["integrity"] = True
    return render(request, "audits/home.html", context)


def attention() -> QuerySet[Upload]:
    """Return uploads a person has to do something about, the newest first."""
    failed = Job.objects.filter(object_type="upload", state=Job.State.FAILED)
    stuck = [number for number in failed.values_list("object_id", flat=True) if number.isdigit()]
    begun = (Upload.Status.RECEIVED, Upload.Status.CHECKING, Upload.Status.PROMOTING)
    return Upload.objects.filter(
        Q(status=Upload.Status.STAGED)
        | Q(status__in=begun, pk__in=stuck)
        | (Q(status=Upload.Status.PROMOTED) & ~Q(withdrawal_asked_by=""))
    )


def live_jobs() -> QuerySet[Job]:
    """Return jobs that wait, run or failed and were not started again, the newest first."""
    return Job.objects.filter(state__in=(Job.State.QUEUED, *Job.HELD, Job.State.FAILED))


def open_flags(*, linked: bool) -> list[dict]:
    """Return how many undecided flags there are of each severity, with the way to them."""
    undecided = FlagState.objects.seen().with_status().filter(status__in=Flag.UNDECIDED)
    counted = dict(undecided.order_by().values_list("severity").annotate(Count("pk")))
    return [
        {"severity": s.value, "count": counted.get(s.value, 0), "url": _queue(s) if linked else ""}
        for s in reversed(Severity)
    ]


def second(person: User) -> dict[str, int]:
    """Return how many flags wait for a second person, and how many of them not for ``person``."""
    awaiting = Flag.Status.AWAITING_SECOND
    waiting = FlagState.objects.seen().with_status().filter(status=awaiting).values("flag")
    decided = Decision.objects.standing().filter(flag__in=waiting)
    return {"count": len(waiting), "own": decided.filter(decided_by=person).count()}


def _queue(severity: Severity) -> str:
    try:
        return f"{reverse('flags')}?severity={severity}"
    except NoReverseMatch:  # the queue is not part of this installation
        return ""
