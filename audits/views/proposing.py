"""What one person proposes and another decides upon: the act, then the page of its version."""

from collections.abc import Callable
from types import MappingProxyType

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from .. import jobs, trail
from ..models import DrugMapping, ParameterChange

UNPROCESSABLE = 422
DONE = MappingProxyType(
    {
        "proposed": "Proposed. It counts once a compliance officer agrees.",
        "approved": "Agreed. The rules run again with it.",
        "rejected": "Not agreed. Nothing changes.",
    }
)


def by_whom(request: HttpRequest, form: forms.Form) -> dict:
    """Return who acts and why."""
    actor = trail.Actor.of_request(request)
    return {"reason": form.cleaned_data["reason"], "by": request.user, "actor": actor}


def acted(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[], DrugMapping | ParameterChange],
    page: str,
    again: Callable[[], HttpResponse],
) -> HttpResponse:
    """Do ``act`` and go to the version's ``page``; where it is refused show why, the draft kept."""
    if form.is_valid():
        try:
            done = act()
        except jobs.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, DONE[done.status])
            return redirect(reverse(page, args=[done.pk]))
    answer = again()
    answer.status_code = UNPROCESSABLE
    return answer
