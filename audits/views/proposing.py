"""What one person proposes and another decides upon: the page of a version, and the acts on it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from .. import jobs, proposals, trail
from ..forms.proposals import DecisionForm, TakeBackForm
from ..ledger import LedgerError
from ..models import Proposal
from .permitted import may

UNPROCESSABLE = 422
UNREADABLE = "What this has to be held against cannot be read now. Nothing was done; try later."
DONE = MappingProxyType(
    {
        "proposed": "Proposed. It counts once a compliance officer agrees.",
        "approved": "Agreed. The rules run again with it.",
        "rejected": "Not agreed. Nothing changes.",
    }
)
# Several forms on one page: what each calls its fields there.
DECIDING, REVISING, ENDING = "deciding_%s", "revising_%s", "ending_%s"


@dataclass(frozen=True, kw_only=True)
class Pages:
    """The pages of one kind of proposal.

    ``proposes`` and ``approves`` are the permissions; ``show`` answers with the page of a
    version and takes forms that were sent and refused; ``said`` gives a version in words,
    ``called`` what pages call one.
    """

    kind: proposals.Kind
    called: str
    proposes: str
    approves: str
    show: Callable[..., HttpResponse]
    said: Callable[[Any], str]

    def version(self, pk: int) -> Any:
        """Return a version with its people; raises Http404."""
        people = "proposed_by", "decided_by", "supersedes"
        return get_object_or_404(self.kind.model.objects.select_related(*people), pk=pk)

    def shown(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a version."""
        return self.show(request, self.version(pk))

    def decided(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give the second person's word on a proposal."""
        version, form = self.version(pk), DecisionForm(request.POST, auto_id=DECIDING)

        def act() -> Proposal:
            agrees = form.cleaned_data["agree"]
            return proposals.decide(self.kind, version, agrees=agrees, **by_whom(request, form))

        return acted(request, form, act, lambda: self.show(request, version, deciding=form))

    def taken_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Propose that a version in force is to count no longer."""
        version, form = self.version(pk), TakeBackForm(request.POST, auto_id=ENDING)

        def act() -> Proposal:
            return proposals.take_back(self.kind, version, **by_whom(request, form))

        return acted(request, form, act, lambda: self.show(request, version, ending=form))

    def standing(self, request: HttpRequest, version: Any, filled: dict[str, forms.Form]) -> dict:
        """Return how a version stands, and what the person who asks may do with it."""
        beside = self.kind.model.objects.beside(version).exclude(pk=version.pk)
        waiting = version.status == Proposal.Status.PROPOSED
        own = version.proposed_by_id == request.user.pk
        in_force = self.kind.model.objects.in_force().filter(pk=version.pk).exists()
        return {
            "version": version,
            "called": self.called,
            "in_force": in_force,
            "waiting": waiting,
            "own": own,
            "may_decide": waiting and not own and may(request.user, self.approves),
            "may_revise": in_force and may(request.user, self.proposes),
            "others": self.told(beside),
            "deciding": DecisionForm(auto_id=DECIDING),
            "ending": TakeBackForm(auto_id=ENDING),
            **filled,
        }

    def told(self, versions: Iterable[Proposal]) -> list[tuple[Proposal, str]]:
        """Return each version with what it says in words."""
        return [(each, self.said(each)) for each in versions]


def by_whom(request: HttpRequest, form: forms.Form) -> dict:
    """Return who acts and why."""
    actor = trail.Actor.of_request(request)
    return {"reason": form.cleaned_data["reason"], "by": request.user, "actor": actor}


def acted(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[], Proposal],
    again: Callable[[], HttpResponse],
) -> HttpResponse:
    """Do ``act`` and go to the version's page; where it is refused show why, the draft kept."""
    if form.is_valid():
        try:
            done = act()
        except jobs.Refused as refusal:
            form.add_error(None, str(refusal))
        except LedgerError:
            form.add_error(None, UNREADABLE)
        else:
            messages.success(request, DONE[done.status])
            return redirect(done)
    answer = again()
    answer.status_code = UNPROCESSABLE
    return answer
