"""An officer objects to the peer group of a prescriber, or takes that back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from .. import dossiers, review, trail
from ..forms.disputes import DisputeForm, TakeBackForm
from ..models import Evaluation
from .disputes import choices, disputable, standing_places
from .permitted import needs
from .prescriber import page

CONFLICT, UNPROCESSABLE = 409, 422


@needs("decide_flags")
@require_POST
def dispute(request: HttpRequest, key: str) -> HttpResponse:
    """Record that a peer group does not fit the prescriber."""
    basis = dossiers.latest_basis()
    try:
        compared = dossiers.compared_with_peers(basis, key) if basis else []
    except dossiers.UnreadableError:
        return page(request, key)
    form = DisputeForm(request.POST, groups=choices(disputable(compared)), prefix="dispute")
    done = "Recorded. It stands beside the comparison from now on; no number or flag changes."
    return _act(request, key, review.dispute_peers, done, dispute_form=form)


@needs("decide_flags")
@require_POST
def take_back(request: HttpRequest, key: str) -> HttpResponse:
    """Take back what was objected to a peer group of the prescriber."""
    form = TakeBackForm(request.POST, groups=choices(standing_places(key)), prefix="back")
    return _act(request, key, review.withdraw_dispute, "Taken back.", take_back_form=form)


def _act(
    request: HttpRequest, key: str, act: object, done: str, **named: DisputeForm
) -> HttpResponse:
    """Do ``act`` as the form says and go back to the page; where refused show why."""
    (form,) = named.values()
    basis = dossiers.latest_basis()
    if basis is None or not form.is_valid():
        return page(request, key, UNPROCESSABLE, **named)
    try:
        act(
            key,
            form.place(),
            form.cleaned_data["reason"],
            seen=Evaluation.objects.get(pk=basis.evaluation),
            by=request.user,
            actor=trail.Actor.of_request(request),
        )
    except review.Refusal as refusal:
        form.add_error(None, str(refusal))
        return page(request, key, CONFLICT, **named)
    messages.success(request, done)
    return redirect(f"{reverse('prescriber', args=[key])}#peers")
