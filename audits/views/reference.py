"""Reference tables: what is in force, what a version changes, and a second person's word."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from .. import editions, jobs, trail, versions
from ..forms.reference import ActivateForm, DiscardForm
from ..models import ReferenceVersion
from ..models.reference_version import current_entry, in_force
from ..reference import TABLES, shipped
from ..reference.loaders import LOADERS
from ..tables.reference import (
    DifferenceTable,
    DisagreementTable,
    ReferenceTable,
    VersionTable,
    rows_table,
    version_url,
)
from .listing import whole
from .permitted import may, needs

PAGE = 50
UNPROCESSABLE = 422
KINDS = ("added", "removed", "changed")
State = ReferenceVersion.State
NO_FILE = "The kept file of this version is missing or altered. {}"


@needs("manage_reference", "view_records")
@require_safe
def reference_list(request: HttpRequest) -> HttpResponse:
    """List every table, shipped and loaded, with its version in force."""
    names, loaded = [*(name for name in LOADERS if name not in TABLES), *TABLES], in_force()
    context = {
        "table": ReferenceTable([current_entry(name, loaded.get(name)) for name in names]),
        "waiting": ReferenceVersion.objects.filter(state=State.PROPOSED).order_by("table"),
        "may_load": may(request.user, "manage_reference"),
        "published": [each for each in LOADERS.values() if each.TABLE not in TABLES],
        "own": [each for each in LOADERS.values() if each.TABLE in TABLES],
    }
    return render(request, "audits/reference_list.html", context)


@needs("manage_reference", "view_records")
@require_safe
def reference_table(request: HttpRequest, table: str) -> HttpResponse:
    """Show the rows of a table in force, and the versions of one that can be loaded."""
    if table not in TABLES and table not in LOADERS:
        raise Http404
    version = in_force().get(table)
    only = "group" if request.GET.get("group") == "none" else ""
    only = "left" if request.GET.get("left") == "out" else only
    context = {"line": current_entry(table, version), "only": only, "own": table in TABLES}
    if table in LOADERS:
        context |= {**_of_loader(table), "may_load": may(request.user, "manage_reference")}
    rows: Sequence[Mapping] = shipped(table) if table in TABLES else ()
    try:
        if version:
            rows, more = _rows_in_force(version, only)
            context |= more
    except editions.EditionError as error:
        rows, context = (), {**context, "fault": NO_FILE.format(error)}
    context |= _page(request, rows)
    context["table"] = rows_table(context["shown"], f"Rows of {context['line']['title']}")
    return render(request, "audits/reference_table.html", context)


@needs("manage_reference", "view_records")
@require_safe
def reference_file(request: HttpRequest, table: str) -> HttpResponse:
    """Give a table that ships as CSV, as it is in force: what a new version of it is made of."""
    if table not in TABLES:
        raise Http404
    name = f'attachment; filename="{table}.csv"'
    return HttpResponse(
        editions.content(table),
        "text/csv; charset=utf-8",
        headers={"Content-Disposition": name},
    )


@needs("manage_reference", "view_records")
@require_safe
def disagreements(request: HttpRequest) -> HttpResponse:
    """List the codes whose schedules FDA and CDC list differently, and what is in force."""
    day = _day(request.GET.get("on"))
    try:
        found = versions.differing_schedules(day)
    except editions.EditionError as error:
        context = {"fault": NO_FILE.format(error), "day": day}
        return render(request, "audits/reference_disagreements.html", context)
    page = _page(request, found or ())
    context = {**page, "day": day, "loaded": found is not None}
    context["table"] = DisagreementTable([vars(each) for each in page["shown"]])
    return render(request, "audits/reference_disagreements.html", context)


@needs("manage_reference", "view_records")
@require_safe
def reference_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one version of a loaded table, what it changes, and what can be done."""
    return _version(request, _found(pk))


@needs("manage_reference")
@require_POST
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a proposed version in force."""
    version, form = _found(pk), ActivateForm(request.POST, auto_id="activating_%s")
    return _acted(request, version, form, versions.activate, "activating")


@needs("manage_reference")
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a proposed version aside."""
    version, form = _found(pk), DiscardForm(request.POST, auto_id="discarding_%s")
    return _acted(request, version, form, versions.discard, "discarding")


def _found(pk: int) -> ReferenceVersion:
    people = ReferenceVersion.objects.select_related("loaded_by", "decided_by")
    return get_object_or_404(people, pk=pk)


def _acted(
    request: HttpRequest,
    version: ReferenceVersion,
    form: forms.Form,
    act: Callable[..., ReferenceVersion],
    name: str,
) -> HttpResponse:
    """Do ``act`` and show the version; where it is refused show why."""
    if form.is_valid():
        actor = trail.Actor.of_request(request)
        try:
            done = act(version, by=request.user, actor=actor, reason=form.cleaned_data["reason"])
        except jobs.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, DONE[done.state])
            return redirect(version_url(done.pk))
    answer = _version(request, version, **{name: form})
    answer.status_code = UNPROCESSABLE
    return answer


def _version(request: HttpRequest, version: ReferenceVersion, **filled: forms.Form) -> HttpResponse:
    waiting = version.state == State.PROPOSED
    manages = may(request.user, "manage_reference")
    own = version.loaded_by_id == request.user.pk
    context = {
        "version": version,
        "waiting": waiting,
        "own": own,
        "moved": versions.moved(version),
        "may_activate": waiting and manages and not own,
        "may_discard": waiting and manages,
        "activating": filled.get("activating") or ActivateForm(auto_id="activating_%s"),
        "discarding": filled.get("discarding") or DiscardForm(auto_id="discarding_%s"),
        **(_compared(request, version) if waiting else {}),
    }
    return render(request, "audits/reference_version.html", context)


def _compared(request: HttpRequest, version: ReferenceVersion) -> dict:
    """Return what a proposed version changes, one page of it."""
    try:
        comparison = versions.compare(version)
    except editions.EditionError as error:
        return {"fault": NO_FILE.format(error)}
    kind = request.GET.get("kind") if request.GET.get("kind") in KINDS else ""
    held = request.GET.get("held") == "1"
    found = [
        each
        for each in comparison.found
        if (not kind or each.kind == kind) and (not held or each.code in (comparison.held or {}))
    ]
    page = _page(request, found)
    counts = comparison.counts
    return {
        **page,
        "comparison": comparison,
        "kinds": [(name, counts[name]) for name in KINDS],
        "facts": [(name, counts[name]) for name in counts if name not in KINDS],
        "kind": kind,
        "held": held,
        "table": DifferenceTable(page["shown"], comparison.held),
    }


def _of_loader(table: str) -> dict:
    """Return what is to be said of a loaded table besides its rows."""
    there = ReferenceVersion.objects.filter(table=table).select_related("loaded_by", "decided_by")
    return {
        "loader": LOADERS[table],
        "versions": VersionTable(there),
        "waiting": there.filter(state=State.PROPOSED).first(),
    }


def _rows_in_force(version: ReferenceVersion, only: str) -> tuple[Sequence[Mapping], dict]:
    """Return the rows of a version, or ``only`` those left out or without a role group."""
    rows = editions.rows(version.table, version.digest)
    if version.table in TABLES:
        return rows, {"version": version}
    if version.table in editions.NDC_TABLES:
        shown = [row for row in rows if row["left_out"]] if only == "left" else rows
        return shown, {"version": version}
    without = versions.without_group(version)
    return (without if only == "group" else rows), {"version": version, "without": len(without)}


def _page(request: HttpRequest, rows: Sequence) -> dict:
    """Return one page of rows with the places where the pages around it begin."""
    begins = min(whole(request.GET.get("after")), max(len(rows) - 1, 0)) // PAGE * PAGE
    ends = begins + PAGE
    kept = request.GET.copy()
    kept.pop("after", None)
    return {
        "shown": rows[begins:ends],
        "total": len(rows),
        "first": begins + 1 if rows else 0,
        "last": min(ends, len(rows)),
        "before": begins - PAGE if begins else None,
        "next": ends if ends < len(rows) else None,
        "kept": kept.urlencode(),
    }


def _day(text: str | None) -> date:
    """Return the day asked for, today for what is none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return timezone.now().date()


DONE = {
    State.ACTIVE: "In force. The rules run again with it where it decides anything.",
    State.DISCARDED: "Set aside. Nothing changes.",
}
