"""What every page shows around its content, and small things templates need."""

from dataclasses import dataclass

from django import template
from django.db.models import Q
from django.forms import BoundField, CheckboxInput, ClearableFileInput, Select
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from .. import snapshots
from ..models import Job, Snapshot, Source, Upload
from ..tables.columns import badge as badge_of
from ..views.permitted import may

register = template.Library()

# Title, name of the address, and the permissions of which one shows it; none: everybody.
NAVIGATION = (
    ("Home", "home", ()),
    ("Overview", "overview", ("count_flags",)),
    ("Flags", "flags", ("view_records",)),
    ("Uploads", "uploads", ("upload_records", "view_records")),
    ("Holdings", "holdings", ("upload_records", "view_records")),
    ("Drugs", "drugs_unmatched", ("map_drugs", "view_records")),
    ("Reference", "reference", ("manage_reference", "view_records")),
    ("Jobs", "jobs", ("upload_records",)),
    ("Rules", "rules", ()),
    ("Calendar", "calendar", ()),
    ("Field dictionary", "dictionary", ()),
    ("Guide", "guide", ()),
    ("Trail", "trail", ("read_trail", "decide_flags")),
    ("Integrity", "integrity", ("verify_trail",)),
)
TRAY = 5


@dataclass(frozen=True, kw_only=True)
class Link:
    """One entry of the navigation; ``here`` on every page of the same first part."""

    title: str
    url: str
    here: bool


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The parts of the frame for one person; ``snapshot`` is None before the first promotion.

    ``invented`` says whether what is in the ledger is made up: "all", "some", or empty.
    """

    links: list[Link]
    jobs: list[Job]
    snapshot: Snapshot | None
    invented: str


@register.simple_tag(takes_context=True)
def frame(context: template.Context) -> Frame | None:
    """Return the frame of the page for whoever is signed in, None for nobody."""
    request = context.get("request")
    if request is None or not getattr(request, "user", None) or not request.user.is_authenticated:
        return None
    return Frame(
        links=list(_links(request)),
        jobs=list(_running(request)[:TRAY]),
        snapshot=snapshots.latest(),
        invented=_invented(),
    )


def _invented() -> str:
    promoted = Source.objects.filter(uploads__status=Upload.Status.PROMOTED)
    marked = set(promoted.values_list("synthetic", flat=True))
    return ("some" if False in marked else "all") if True in marked else ""


@register.filter
def number(value: int | None) -> str:
    """Return a count with separators."""
    return "" if value is None else f"{value:,}"


@register.filter
def spaced(word: str) -> str:
    """Return a word of the vocabulary without its underlines."""
    return word.replace("_", " ")


@register.filter
def badge(text: str, word: str) -> SafeString:
    """Return ``text`` as a badge with the class ``word``."""
    return badge_of(word, text)


@register.filter
def control(field: BoundField) -> SafeString:
    """Return the control of a form's field with the class its kind has in the stylesheet."""
    kinds = ((CheckboxInput, "form-check-input"), (Select, "form-select"))
    fits = (name for kind, name in kinds if isinstance(field.field.widget, kind))
    attributes = {"class": next(fits, "form-control")}
    if isinstance(field.field.widget, ClearableFileInput):
        attributes["accept"] = ".csv,.tsv,.txt,.psv,text/csv"
    return field.as_widget(attrs=attributes)


def _links(request: HttpRequest):
    for title, name, permissions in NAVIGATION:
        if permissions and not may(request.user, *permissions):
            continue
        try:
            url = reverse(name)
        except NoReverseMatch:  # its pages are not part of this installation
            continue
        below = "/".join(url.split("/")[:2]) + "/"
        here = request.path == url if url == "/" else request.path.startswith(below)
        yield Link(title=title, url=url, here=here)


def _running(request: HttpRequest):
    """Return the jobs that wait or run: all for who uploads, else one's own."""
    going = Job.objects.filter(state__in=(Job.State.QUEUED, *Job.HELD))
    if may(request.user, "upload_records"):
        return going
    return going.filter(Q(requested_by_user=request.user))
