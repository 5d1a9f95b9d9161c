"""Tables of reference tables: what is in force, what is in them, what a version changes."""

from collections.abc import Iterable, Mapping, Sequence

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..models import ReferenceVersion
from ..reference.differences import Difference
from .columns import WIDE, BadgeColumn, MomentColumn, NumberColumn

SHORT, LONG = 12, 30  # characters
WHOLE = {"td": {"class": "whole"}}  # a day stays on one line


class PlainTable(tables.Table):
    """A table in the order it was given, without links to sort by."""

    class Meta:
        attrs = {"class": "table"}
        template_name = "audits/_table.html"
        orderable = False
        empty_text = "Nothing here."


class ReferenceTable(PlainTable):
    """Every reference table with its version in force."""

    caption = "Reference tables"

    table = tables.Column(attrs=WIDE)
    edition = tables.Column(verbose_name="Version in force")
    source = tables.Column()
    status = tables.Column()
    rows = NumberColumn(accessor="row_count")
    since = tables.Column(default="the release", attrs=WHOLE)
    digest = tables.Column()

    class Meta(PlainTable.Meta):
        pass

    def render_table(self, record: Mapping) -> SafeString:
        """Return its title as a link to its page."""
        return format_html('<a href="{}">{}</a>', table_url(record["table"]), record["title"])

    def render_digest(self, value: str) -> SafeString:
        """Return the first digits."""
        return short(value)


class VersionTable(PlainTable):
    """The versions of one loaded table, the newest first."""

    caption = "Versions of this table"

    edition = tables.Column(attrs=WIDE)
    state = BadgeColumn()
    row_count = NumberColumn(accessor="rows", verbose_name="Rows")
    loaded_by = tables.Column(verbose_name="Loaded by")
    loaded_at = MomentColumn(verbose_name="Loaded (UTC)")
    decided_by = tables.Column(verbose_name="Decided by", default="nobody yet")
    decided_at = MomentColumn(verbose_name="Decided (UTC)", default="")
    superseded_at = MomentColumn(verbose_name="In force until (UTC)", default="")

    class Meta(PlainTable.Meta):
        pass

    def render_edition(self, record: ReferenceVersion) -> SafeString:
        """Return the edition as a link to the version."""
        return format_html('<a href="{}">{}</a>', version_url(record.pk), record.edition)


class DifferenceTable(PlainTable):
    """Rows that differ between a version and what is in force."""

    caption = "Rows that differ"

    code = tables.Column(accessor="each__code", verbose_name="Row", attrs=WIDE)
    kind = tables.Column(accessor="each__kind")
    facts = tables.Column(accessor="each__facts", verbose_name="In what", attrs=WIDE)
    before = tables.Column(accessor="each__before", default="", attrs=WIDE)
    after = tables.Column(accessor="each__after", default="", attrs=WIDE)
    held = NumberColumn(verbose_name="Rows held")

    class Meta(PlainTable.Meta):
        pass

    def __init__(self, found: Iterable[Difference], held: Mapping[str, int] | None):
        """Take the differences of one page and the rows of the records by code, None: by none."""
        rows = [{"each": each, "held": (held or {}).get(each.code, 0)} for each in found]
        super().__init__(rows, exclude=() if held is not None else ("held",))

    def render_facts(self, value: Sequence[str]) -> str:
        """Return what changed in words."""
        return ", ".join(value)

    def render_before(self, record: Mapping) -> str:
        """Return what it meant, the facts that changed alone."""
        return _said(record["each"].before, record["each"].after)

    def render_after(self, record: Mapping) -> str:
        """Return what it is to mean."""
        return _said(record["each"].after, record["each"].before)


class DisagreementTable(PlainTable):
    """Codes whose schedules FDA and CDC list differently."""

    caption = "Codes with two schedules"

    ndc = tables.Column(verbose_name="NDC")
    name = tables.Column(attrs=WIDE)
    fda = tables.Column(verbose_name="FDA", default="not scheduled")
    cdc = tables.Column(verbose_name="CDC", default="not scheduled")
    in_force = tables.Column(verbose_name="In force", default="none")
    why = tables.Column(attrs=WIDE)
    source = tables.Column(attrs=WIDE)

    class Meta(PlainTable.Meta):
        pass


def rows_table(rows: Sequence[Mapping[str, str]], caption: str) -> tables.Table:
    """Return a table of the rows of a reference table, with its own columns."""
    names = list(rows[0]) if rows else []
    shown = [{f"column_{place}": row[name] for place, name in enumerate(names)} for row in rows]
    columns = [
        (f"column_{place}", _column(name, [row[name] for row in rows]))
        for place, name in enumerate(names)
    ]
    made = PlainTable(shown, extra_columns=columns)
    made.caption = caption
    return made


def _column(name: str, cells: Sequence[str]) -> tables.Column:
    """Return a column of plain cells: wide where one is long, never broken where all are short."""
    longest = max(map(len, cells), default=0)
    attrs = WIDE if longest > LONG else WHOLE if longest <= SHORT else {}
    return tables.Column(verbose_name=name.replace("_", " "), default="", attrs=attrs)


def table_url(table: str) -> str:
    """Return the address of a reference table."""
    return reverse("reference_table", args=[table])


def version_url(pk: int) -> str:
    """Return the address of a version."""
    return reverse("reference_version", args=[pk])


def short(digest: str) -> SafeString:
    """Return the first digits of a digest, the whole in its title."""
    return format_html('<code title="{}">{}</code>', digest, digest[:SHORT])


def _said(row: Mapping[str, str] | None, other: Mapping[str, str] | None) -> str:
    """Return a row's facts in words; where there is another, those that differ from it."""
    told = row or {}
    wanted = [name for name in told if other is None or told[name] != other.get(name, told[name])]
    units = {"strength": f" {told.get('strength_unit', '')}" if told.get("strength") else ""}
    return ", ".join(
        f"{name.replace('_', ' ')}: {told[name] or 'none'}{units.get(name, '')}"
        for name in wanted
        if name != "strength_unit"
    )
