"""The queue of flags, and the same list as a file."""

import tempfile

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from .. import exports, snapshots, trail
from ..filters.flags import ANY, FlagFilter
from ..models import Evaluation, FlagState
from ..tables.flags import FlagTable
from ..tables.listed import listed
from .permitted import may, needs

IN_MEMORY = 5_000_000  # bytes of an export that are held before they go to a file
KINDS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@needs("view_records")
@require_safe
@vary_on_headers("HX-Request")
def flag_list(request: HttpRequest) -> HttpResponse:
    """List the flags that wait for a decision, or what the filters ask for."""
    filters = _filtered(request)
    table = listed(request, FlagTable, filters.qs)
    context = {
        "table": table,
        "filters": filters,
        "sort": request.GET.get("sort", ""),
        "may_export": may(request.user, "export_flags"),
        "emptiness": None if table.data.page.rows else _emptiness(filters),
    }
    fragment = request.headers.get("HX-Target") == "list"
    template = "audits/_flag_list.html" if fragment else "audits/flag_list.html"
    return render(request, template, context)


@needs("export_flags")
@require_POST
def flag_export(request: HttpRequest, layout: str) -> HttpResponse:
    """Give the list, as the address filters it, as a file; the trail has an event of it first."""
    filters, actor = _filtered(request), trail.Actor.of_request(request)
    states = filters.qs.order_by("-priority", "-pk")
    narrowed = {chip.name: chip.text for chip in filters.chips}
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the answer closes it
    about = exports.about_flags(actor, narrowed)
    made = exports.make(file, layout, exports.FLAG_COLUMNS, exports.flag_rows(states), about)
    exports.tell(made, "flags", actor, format=layout, **narrowed)
    file.seek(0)
    name = f"flags-{timezone.localdate():%Y-%m-%d}.{layout}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=KINDS[layout])


def _filtered(request: HttpRequest) -> FlagFilter:
    states = FlagState.objects.seen().with_status().select_related("flag", "since")
    return FlagFilter(request.GET, states)


def _emptiness(filters: FlagFilter) -> dict:
    """Return which kind of emptiness an empty list is: what is the matter, and the next step."""
    if snapshots.latest() is None:
        return {"kind": "nothing yet"}
    if not Evaluation.objects.filter(unpublished=False).exists():
        return {"kind": "not computed"}
    if filters.narrowed:
        return {"kind": "no match", "without": _without(filters)}
    return {"kind": "done", "all": f"?status={ANY}"}


def _without(filters: FlagFilter) -> list[dict]:
    """Return for each filter in force how many flags there are without it, the most first."""
    found = []
    for chip in filters.chips:
        query = filters.data.copy()
        query[chip.name] = ANY if chip.name == "status" else ""
        count = FlagFilter(query, filters.queryset).qs.order_by().count()
        found.append({"chip": chip, "count": count})
    return sorted(found, key=lambda each: -each["count"])
