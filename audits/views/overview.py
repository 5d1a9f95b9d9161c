"""The programme on one page: every number is the way to its rows."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import exports, snapshots
from ..catalogue import CATALOGUE
from ..filters.flags import ANY, decided_as
from ..ledger import LedgerError
from ..models import Decision, Evaluation, Flag, FlagState, Snapshot
from ..rule import Rule
from ..vocabulary import Severity
from .permitted import may, needs
from .records import NOT_SAID, SPLIT_WORDS, records_url, split_url
from .rule_answers import TITLES, Counted, by_answer

SEVERITIES = tuple(reversed(Severity))
SPLITS = {exports.SCHEDULE: "By schedule", exports.ROLE_GROUP: "By role group of the prescriber"}


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """A line of a table by rule; ``rule`` is None on the line of all rules together."""

    rule: Rule | None
    cells: list[Counted]


@needs("count_flags")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show the counts of flags, decisions, answers and records; ways to them for who may see."""
    linked, snapshot = may(request.user, "view_records"), snapshots.latest()
    evaluated = Evaluation.objects.filter(unpublished=False).order_by("-pk").first()
    context = {"snapshot": snapshot, "evaluation": evaluated, "linked": linked}
    if snapshot is not None:
        context |= _held(snapshot, linked=linked)
    if evaluated is not None:
        seen = FlagState.objects.seen().with_status().order_by()
        context |= {
            "severities": SEVERITIES,
            "waiting": list(_waiting(seen, linked=linked)),
            "statuses": list(_statuses(seen, linked=linked)),
            "outcomes": list(_outcomes(seen, linked=linked)),
            "titles": TITLES.values(),
            "answers": list(_answers(linked=linked)),
        }
    return render(request, "audits/overview.html", context)


def _waiting(seen: QuerySet, *, linked: bool) -> Iterator[RuleLine]:
    """Yield the undecided flags of each rule by severity, and of all rules together."""
    undecided = seen.filter(status__in=Flag.UNDECIDED)
    found = undecided.values_list("flag__rule", "severity").annotate(Count("pk"))
    counts = {(rule, severity): count for rule, severity, count in found}
    for rule in CATALOGUE.values():
        mine = {s: counts.get((rule.name, s), 0) for s in SEVERITIES}
        yield RuleLine(rule=rule, cells=_by_severity(mine, linked=linked, rule=rule.name))
    total: Counter = Counter()
    for (_, severity), count in counts.items():
        total[severity] += count
    yield RuleLine(rule=None, cells=_by_severity(total, linked=linked))


def _by_severity(counts: dict, *, linked: bool, **narrowed: str) -> list[Counted]:
    cells = [
        _flags(s.capitalize(), counts[s], linked=linked, **narrowed, severity=s) for s in SEVERITIES
    ]
    return [*cells, _flags("All", sum(counts.values()), linked=linked, **narrowed)]


def _statuses(seen: QuerySet, *, linked: bool) -> Iterator[Counted]:
    """Yield the flags of each status, then all."""
    counts = dict(seen.values_list("status").annotate(Count("pk")))
    for status in Flag.Status:
        yield _flags(status.label, counts.get(status, 0), linked=linked, status=status)
    yield _flags("All", sum(counts.values()), linked=linked, status=ANY)


def _outcomes(seen: QuerySet, *, linked: bool) -> Iterator[Counted]:
    """Yield the flags on which each decision stands."""
    for outcome in Decision.Outcome:
        count = decided_as(seen, outcome).count()
        yield _flags(outcome.label, count, linked=linked, status=ANY, outcome=outcome)


def _answers(*, linked: bool) -> Iterator[RuleLine]:
    """Yield what each rule said last; no cells where it was not evaluated."""
    coverages = exports.coverages()
    for name, rule in CATALOGUE.items():
        told = by_answer(coverages[name], linked=linked) if name in coverages else {}
        yield RuleLine(rule=rule, cells=list(told.values()))


def _held(snapshot: Snapshot, *, linked: bool) -> dict:
    """Return what is held of each kind, or that the ledger cannot be read now."""
    try:
        return {
            "records": list(_records(snapshot, linked=linked)),
            "splits": list(_splits(snapshot, linked=linked)),
        }
    except LedgerError:
        return {"unreadable": True}


def _records(snapshot: Snapshot, *, linked: bool) -> Iterator[dict]:
    """Yield what is held of each kind."""
    for held in exports.kinds_held(snapshot):
        url = records_url(held.kind) if linked else ""
        yield {
            "held": held,
            "counted": Counted(title=held.kind.title, count=held.rows, url=url),
            "groups": list(_groups(held, linked=linked)),
        }


def _splits(snapshot: Snapshot, *, linked: bool) -> Iterator[dict]:
    """Yield the prescriptions by schedule and by role group; a group without any is left out."""
    found = exports.split_of(snapshot)
    for column, title in SPLITS.items():
        words, counts = SPLIT_WORDS[column], found[column]
        shown = [w for w, n in counts.items() if n or column == exports.SCHEDULE]
        lines = [
            Counted(title=words(w), count=counts[w], url=split_url(column, w) if linked else "")
            for w in shown
        ]
        yield {"title": title, "lines": lines, "total": sum(counts.values())}


def _groups(held: exports.KindHeld, *, linked: bool) -> Iterator[Counted]:
    for word, count in held.groups:
        url = records_url(held.kind, word) if linked else ""
        yield Counted(title=word or NOT_SAID, count=count, url=url)


def _flags(title: str, count: int, *, linked: bool, **narrowed: str) -> Counted:
    query = urlencode({name: str(word) for name, word in narrowed.items()})
    url = f"{reverse('flags')}?{query}".rstrip("?") if linked else ""
    return Counted(title=title, count=count, url=url)
