"""The calendar of the law: what holds on a day, what changes next, which rules it moves."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from .. import editions
from ..forms.calendar import DayForm
from ..models import Evaluation
from ..models.reference_version import in_force
from ..reference.calendar import DATED
from . import calendar_lines
from .permitted import signed_in


@signed_in
@require_safe
def calendar_page(request: HttpRequest) -> HttpResponse:
    """Show the law on a chosen day, by default the as-of date of the last evaluation.

    It is that of the tables in force, versions of the house among them.
    """
    with editions.in_use():
        return _calendar(request)


def _calendar(request: HttpRequest) -> HttpResponse:
    evaluated = _last_as_of()
    default = evaluated or timezone.localdate()
    asked = DayForm({"day": default.isoformat(), **_told(request)})
    asked.is_valid()
    day, state = asked.cleaned_data.get("day") or default, asked.cleaned_data.get("state", "")
    context = {
        "form": asked,
        "day": day,
        "is_default": day == default,
        "evaluated": evaluated,
        "state": state,
        "versions": [each for name, each in in_force().items() if name in DATED],
        "changes": list(calendar_lines.changes(day, state)),
        "states": calendar_lines.states(day, state),
        **calendar_lines.by_standing(day),
    }
    return render(request, "audits/calendar.html", context)


def _told(request: HttpRequest) -> dict[str, str]:
    """Return what the address asks for; what it leaves empty it does not ask for."""
    return {name: cell for name in DayForm.base_fields if (cell := request.GET.get(name, ""))}


def _last_as_of() -> date | None:
    """Return the as-of date of the last published evaluation; None before there is one."""
    last = Evaluation.objects.filter(unpublished=False).order_by("-pk").first()
    return last.as_of if last else None
