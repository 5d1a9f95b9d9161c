"""What a compliance officer does on a flag's page; each act goes back to the page."""

from collections.abc import Callable
from functools import wraps

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from .. import review, trail
from ..forms.decisions import DecisionForm, RecusalForm, SignOffForm
from ..models import Decision, FlagState
from ..tables import saying
from .flag import found, page
from .permitted import needs

CONFLICT, UNPROCESSABLE = 409, 422
GONE = "This decision is not there any more: the flag was opened again."


def sent(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return ``view`` for what is sent; who opens its address comes to the flag's page.

    That address stands in the browser after a form that was not complete.
    """

    @wraps(view)
    def acted(request: HttpRequest, public_id: str) -> HttpResponse:
        if request.method == "POST":
            return view(request, public_id)
        return redirect(found(public_id).flag)

    return require_http_methods(["GET", "HEAD", "POST"])(acted)


@needs("decide_flags")
@sent
def claim(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take the flag."""
    state = found(public_id)
    return _act(
        request, state, lambda: review.claim(state.flag, request.user, _actor(request)), "Claimed."
    )


@needs("decide_flags")
@sent
def release(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give the flag back."""
    state = found(public_id)
    return _act(
        request,
        state,
        lambda: review.release(state.flag, request.user, _actor(request)),
        "Released. Anybody may claim it now.",
    )


@needs("decide_flags")
@sent
def decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """Decide the flag as the form says it was seen."""
    state, form = found(public_id), DecisionForm(request.POST)
    if not form.is_valid():
        return _again(request, state, decide_form=form)
    given = form.cleaned_data

    def decided() -> None:
        review.decide(
            state.flag,
            given["state"],
            given["outcome"],
            given["reason"],
            by=request.user,
            actor=_actor(request),
        )

    second = review.needs_second(state.severity, given["outcome"])
    done = "Decided. It takes effect when a second person signs." if second else "Decided."
    return _act(request, state, decided, done, decide_form=form)


@needs("decide_flags")
@sent
def sign_off(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give the second person's word on the decision."""
    state, form = found(public_id), SignOffForm(request.POST, prefix="second")
    if not form.is_valid():
        return _again(request, state, sign_form=form)
    agree, reason = form.cleaned_data["agree"], form.cleaned_data["reason"]

    def signed() -> None:
        decision = (
            Decision.objects.standing()
            .select_related("flag", "state")
            .filter(flag=state.flag)
            .first()
        )
        if decision is None:
            raise review.NotUnderReview(GONE)
        review.sign_off(decision, request.user, _actor(request), agree, reason)

    done = "Signed. The flag is decided." if agree else "The flag is open again."
    return _act(request, state, signed, done, sign_form=form)


@needs("decide_flags")
@sent
def recuse(request: HttpRequest, public_id: str) -> HttpResponse:
    """Step back from the flag."""
    state, form = found(public_id), RecusalForm(request.POST, prefix="recuse")
    if not form.is_valid():
        return _again(request, state, recuse_form=form)
    reason = form.cleaned_data["reason"]
    return _act(
        request,
        state,
        lambda: review.recuse(state.flag, reason, request.user, _actor(request)),
        "You have stepped back from this flag.",
        recuse_form=form,
    )


def _act(
    request: HttpRequest,
    state: FlagState,
    act: Callable[[], object],
    done: str,
    **form: forms.Form,
) -> HttpResponse:
    """Do ``act`` and go back to the page; where it is refused show why, the draft kept."""
    try:
        act()
    except review.Incomplete as refusal:
        return _again(request, state, refusal, UNPROCESSABLE, **form)
    except review.Refusal as refusal:
        return _again(request, found(state.flag.public_id), refusal, CONFLICT, **form)
    messages.success(request, done)
    return redirect(state.flag)


def _again(
    request: HttpRequest,
    state: FlagState,
    refusal: review.Refusal | None = None,
    status: int = UNPROCESSABLE,
    **form: forms.Form,
) -> HttpResponse:
    """Show the page with the form as it was filled in, and what stands against it."""
    context = page(request, state, **form)
    context["refusal"] = str(refusal or "")
    context["faults"] = [text for each in form.values() for text in _faults(each)]
    if isinstance(refusal, review.StaleView):
        context["differences"] = _differences(form.get("decide_form"), state)
        _show_anew(form.get("decide_form"), state)
    return render(request, "audits/flag.html", context, status=status)


def _faults(form: forms.Form) -> list[str]:
    """Return what is wrong with a form as it was filled in."""
    return [text for texts in form.errors.values() for text in texts]


def _differences(form: forms.Form | None, state: FlagState) -> list[str]:
    """Return what changed between what the person saw and what there is."""
    number = form.cleaned_data["state"] if form else None
    published = FlagState.objects.filter(flag=state.flag, since__unpublished=False)
    seen = published.filter(pk=number).first()
    return saying.difference(seen, state) if seen else []


def _show_anew(form: forms.Form | None, state: FlagState) -> None:
    """Let the draft, sent again, be about what the page shows now."""
    if form is not None:
        form.data = form.data.copy()
        form.data["state"] = str(state.pk)


def _actor(request: HttpRequest) -> trail.Actor:
    return trail.Actor.of_request(request)
