"""What a rule said of everybody: its counts as ways to their rows, and the rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import exports
from ..catalogue import CATALOGUE
from ..models import Evaluation, FlagState
from ..rule import Rule
from ..tables.answers import AnswerTable
from ..vocabulary import Answer, Reason
from .listing import whole
from .permitted import needs

PAGE = 100
POPULATION = "population"
TITLES: Mapping[str, str] = MappingProxyType(
    {
        POPULATION: "Population",
        Answer.FIRED: "Fired",
        Answer.SUPPRESSED: "Suppressed",
        Answer.NOT_EVALUABLE: "Not evaluable",
        Answer.CLEAR: "Clear",
    }
)
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        POPULATION: "Everybody the rule is about, whatever it said of them.",
        Answer.FIRED: "The usable records alone are enough. Each has a flag, decided or not.",
        Answer.SUPPRESSED: "The rule found what it looks for, and a circumstance explains it.",
        Answer.NOT_EVALUABLE: "Something is missing that could have changed the answer. "
        "This is neither an all-clear nor a suspicion.",
        Answer.CLEAR: "Looked at, and the rule did not find what it looks for.",
    }
)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A number and the way to its rows; ``url`` is empty for who may see counts only."""

    title: str
    count: int
    url: str = ""
    within: bool = False


def counted(coverage: exports.Coverage, *, linked: bool) -> Iterator[Counted]:
    """Yield the numbers of a rule: its answers in their order, each followed by its reasons."""
    for answer in Answer:
        yield _counted(coverage, answer, linked=linked)
        for (of, reason), count in (coverage.reasons or {}).items():
            if of == answer:
                url = answers_url(coverage.rule, answer, reason) if linked else ""
                yield Counted(title=reason.sentence, count=count, url=url, within=True)


def by_answer(coverage: exports.Coverage, *, linked: bool) -> dict[str, Counted]:
    """Return the numbers of a rule by answer, ``population`` among them, without reasons."""
    return {name: _counted(coverage, name, linked=linked) for name in TITLES}


def _counted(coverage: exports.Coverage, name: str, *, linked: bool) -> Counted:
    url = answers_url(coverage.rule, name) if linked else ""
    return Counted(title=TITLES[name], count=coverage.counts[name], url=url)


def answers_url(rule: Rule, answer: str, reason: str = "") -> str:
    """Return the address of the subjects of whom ``rule`` said that."""
    wanted = {"answer": "" if answer == POPULATION else str(answer), "reason": str(reason)}
    query = urlencode({name: word for name, word in wanted.items() if word})
    return reverse("rule_answers", args=[rule.name]) + (f"?{query}" if query else "")


@needs("view_records")
@require_safe
def rule_answers(request: HttpRequest, name: str) -> HttpResponse:
    """List the subjects of whom a rule said one thing in its last published evaluation."""
    if name not in CATALOGUE:
        raise Http404
    rule, asked = CATALOGUE[name], request.GET
    answer, reason = asked.get("answer", ""), asked.get("reason", "")
    if answer not in {"", *Answer} or reason not in {"", *Reason}:
        raise Http404
    evaluation = _evaluation(rule, asked.get("evaluation"))
    context = {
        "rule": rule,
        "evaluation": evaluation,
        "title": TITLES[answer or POPULATION],
        "meaning": MEANINGS[answer or POPULATION],
        "reason": Reason(reason).sentence if reason else "",
    }
    if evaluation is not None:
        context |= _page(request, rule, evaluation, answer, reason)
    return render(request, "audits/rule_answers.html", context)


def _evaluation(rule: Rule, number: str | None) -> Evaluation | None:
    """Return the evaluation an address names, else the last of the rule, None before the first.

    Raises Http404 where no published evaluation of the rule has that number.
    """
    if number is None:
        return exports.last_evaluations().get(rule.name)
    published = Evaluation.objects.filter(unpublished=False, rules__has_key=rule.name)
    found = published.select_related("snapshot").filter(pk=whole(number)).first()
    if found is None:
        raise Http404
    return found


def _page(
    request: HttpRequest, rule: Rule, evaluation: Evaluation, answer: str, reason: str
) -> dict:
    """Return the rows of the page that the address names, with the ways to those beside it."""
    before = request.GET.get("before")
    place = {"before": whole(before)} if before else {"after": whole_or_start(request)}
    try:
        page = exports.answer_page(
            evaluation, rule, answer=answer, reason=reason, limit=PAGE, **place
        )
    except FileNotFoundError:
        return {"gone": True}
    table = AnswerTable(page.rows, rule=rule, flags=_flags(rule, page))
    # The place holds in this evaluation's file only, so the ways on name it.
    kept = {"answer": answer, "reason": reason, "evaluation": evaluation.pk}
    kept = {word: value for word, value in kept.items() if value}
    ways = {
        "next": urlencode(kept | {"after": page.next}) if page.next is not None else "",
        "previous": urlencode(kept | {"before": page.previous})
        if page.previous is not None
        else "",
    }
    return {"table": table, "count": page.count, "shown": len(page.rows), **ways}


def whole_or_start(request: HttpRequest) -> int:
    """Return the place after which the page begins, -1 for the first page."""
    after = request.GET.get("after")
    return whole(after) if after else -1


def _flags(rule: Rule, page: exports.AnswerPage) -> dict[str, str]:
    """Return the address of the newest flag of each subject on the page."""
    subjects = [row["subject_id"] for row in page.rows]
    states = FlagState.objects.seen().filter(flag__rule=rule.name, flag__subject_id__in=subjects)
    shown = states.select_related("flag").order_by("flag_id").defer("occurrences", "record_keys")
    return {state.flag.subject_id: state.flag.get_absolute_url() for state in shown}
