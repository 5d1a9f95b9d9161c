"""How to read a flag, and what all this cannot see."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from .. import exports, snapshots
from ..catalogue import CATALOGUE
from ..models import Evaluation, Source, Upload
from ..rule import Rule
from ..vocabulary import Answer, Reason
from .holdings import Coverage, coverage
from .permitted import may, signed_in
from .rule_answers import Counted, answers_url

EXAMPLE = "opioid_high_dose_90d"
UPLOADS = 20


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Days of prescriptions that a kind does not cover, as the months they lie in."""

    kind: Coverage
    months: tuple[str, ...]
    days: int


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """Subjects of one rule that could not be judged, by reason."""

    rule: Rule
    reasons: tuple[Counted, ...]


@signed_in
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """Lead to the first page of the guide."""
    return redirect("guide_flags")


@signed_in
@require_safe
def guide_flags(request: HttpRequest) -> HttpResponse:
    """Explain the parts of a flag's page on an invented one."""
    rule = CATALOGUE[EXAMPLE]
    context = {"rule": rule, "threshold": rule.parameters["threshold_mme"]}
    context |= {"source": next(c for c in rule.citations if c.key == context["threshold"].citation)}
    return render(request, "audits/guide_flags.html", context)


@signed_in
@require_safe
def guide_limits(request: HttpRequest) -> HttpResponse:
    """Show what is not held, not recognised, not checked and not answered, as it is now."""
    linked = may(request.user, "view_records")
    gaps = {each.kind.kind: each for each in map(gap, coverage())}
    context = {
        "snapshot": snapshots.latest(),
        "evaluated": Evaluation.objects.filter(unpublished=False).exists(),
        "may_follow": may(request.user, "view_records", "upload_records"),
        "gaps": list(gaps.values()),
        "leaning": [
            (rule, [gaps[kind] for kind in rule.absence_in])
            for rule in CATALOGUE.values()
            if rule.absence_in
        ],
        "sources": Source.objects.filter(uploads__status=Upload.Status.PROMOTED).distinct(),
        "rules": CATALOGUE.values(),
        "unanswered": list(unanswered(linked=linked)),
        **unmatched(),
    }
    return render(request, "audits/guide_limits.html", context)


def gap(kind: Coverage) -> Gap:
    """Return the months in which ``kind`` leaves days of prescriptions uncovered."""
    months = {month for begins, ends in kind.gaps for month in _months(begins, ends)}
    days = sum((ends - begins).days + 1 for begins, ends in kind.gaps)
    return Gap(kind=kind, months=tuple(_spans(sorted(months))), days=days)


def _months(begins: date, ends: date) -> range:
    """Return the months of a stretch of days, each as months since the year 0."""
    return range(begins.year * 12 + begins.month - 1, ends.year * 12 + ends.month)


def _spans(months: list[int]) -> Iterator[str]:
    """Yield unbroken stretches of months in words."""
    begins = None
    for place, month in enumerate(months):
        begins = month if begins is None else begins
        if place + 1 == len(months) or months[place + 1] != month + 1:
            first, last = _named(begins), _named(month)
            yield first if first == last else f"{first} to {last}"
            begins = None


def _named(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}"


def unmatched() -> dict:
    """Return the rows whose drug no reference table knows: in all, and where most of them are."""
    promoted = Upload.objects.filter(status=Upload.Status.PROMOTED, unmatched_drugs__gt=0)
    return {
        "unmatched": promoted.aggregate(Sum("unmatched_drugs"))["unmatched_drugs__sum"] or 0,
        "unmatched_uploads": promoted.count(),
        "uploads": promoted.order_by("-unmatched_drugs", "-pk")[:UPLOADS],
    }


def unanswered(*, linked: bool) -> Iterator[Unanswered]:
    """Yield for each rule the subjects it could not judge, by reason."""
    for told in exports.coverages(reasons=True).values():
        found = (told.reasons or {}).items()
        reasons = tuple(
            _counted(told.rule, reason, count, linked=linked)
            for (answer, reason), count in found
            if answer == Answer.NOT_EVALUABLE
        )
        if reasons:
            yield Unanswered(rule=told.rule, reasons=reasons)


def _counted(rule: Rule, reason: Reason, count: int, *, linked: bool) -> Counted:
    url = answers_url(rule, Answer.NOT_EVALUABLE, reason) if linked else ""
    return Counted(title=reason.sentence, count=count, url=url)
