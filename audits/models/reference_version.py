"""Loaded editions of published reference tables, and which tables an evaluation used."""

from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ..reference import TABLES, digest, shipped
from ..reference.loaders import LOADERS, Loader, titled
from .proposal import Decided, EntrySet

SHIPPED = "shipped"


class ReferenceVersion(Decided):
    """One version of a loaded table: loaded by one person, put in force by another.

    ``digest`` is that of its content, which is kept under it beside the ledger; empty for a
    version that takes the loaded table out of force, so that the shipped ones speak alone.
    Nothing it says is ever changed; it only moves on from state to state.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "Awaiting second person"
        ACTIVE = "active", "In force"
        SUPERSEDED = "superseded", "Superseded"
        DISCARDED = "discarded", "Discarded"

    table = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, blank=True)
    edition = models.CharField(max_length=64)
    source = models.CharField(max_length=200)
    status = models.CharField(max_length=200, help_text="What is known of it: who checked it.")
    rows = models.PositiveIntegerField()
    counts = models.JSONField(default=dict)
    left_out = models.JSONField(default=dict)
    files = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="reference_versions_loaded"
    )
    loaded_at = models.DateTimeField(auto_now_add=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta(Decided.Meta):
        constraints = [
            models.UniqueConstraint(
                name="one_reference_version_in_force", fields=["table"], condition=Q(state="active")
            ),
            models.UniqueConstraint(
                name="one_reference_version_proposed",
                fields=["table"],
                condition=Q(state="proposed"),
            ),
            models.CheckConstraint(
                name="a_reference_version_in_force_is_of_two_people",
                condition=Q(state="proposed", decided_by=None, decided_at=None)
                | Q(state="discarded", decided_by__isnull=False, decided_at__isnull=False)
                | Q(
                    state__in=["active", "superseded"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                )
                & ~Q(decided_by=F("loaded_by")),
            ),
        ]

    def __str__(self):
        return f"{self.title}, {self.edition}"

    def get_absolute_url(self):
        return reverse("reference_table", args=[self.table])

    @property
    def loader(self) -> Loader:
        """Return what reads tables of its kind."""
        return LOADERS[self.table]

    @property
    def title(self) -> str:
        """Return what the table is called."""
        return self.loader.TITLE

    def as_entry(self) -> dict[str, str]:
        """Return what an evaluation remembers of it."""
        return {
            "table": self.table,
            "digest": self.digest,
            "edition": self.edition,
            "source": self.source,
            "status": self.status,
            "since": self.decided_at.date().isoformat() if self.decided_at else "",
        }


def in_force() -> dict[str, ReferenceVersion]:
    """Return the loaded versions in force by table; none for a table that was taken out."""
    active = ReferenceVersion.objects.filter(state=ReferenceVersion.State.ACTIVE)
    return {version.table: version for version in active.exclude(digest="").order_by("table")}


class ReferenceSet(EntrySet):
    """All reference tables as an evaluation used them, shipped and loaded; never changed.

    ``entries`` have table, digest, edition, source, status and since (a day, empty for a
    shipped table).
    """

    @classmethod
    def current(cls) -> "ReferenceSet":
        """Return the set of the tables in force now, kept from then on."""
        loaded = in_force()
        entries = [shipped_entry(table) for table in TABLES if table not in loaded]
        entries += [version.as_entry() for version in loaded.values()]
        return cls.of(entries)

    @property
    def loaded(self) -> dict[str, str]:
        """Return the digests of the loaded tables by name."""
        return loaded_in(self.entries)


def entries_of(evaluation: models.Model) -> list[dict[str, str]]:
    """Return the entries of the tables that an evaluation used; none before they were kept."""
    return evaluation.reference_set.entries if evaluation.reference_set else []


def loaded_in(entries: list[Mapping[str, str]]) -> dict[str, str]:
    """Return the digests of the loaded tables among ``entries``, by name."""
    return {each["table"]: each["digest"] for each in entries if each["edition"] != SHIPPED}


def shipped_entry(table: str) -> dict[str, str]:
    """Return what an evaluation remembers of a shipped table."""
    return {
        "table": table,
        "digest": digest(table),
        "edition": SHIPPED,
        "source": "named on every row",
        "status": "on every row",
        "since": "",
    }


def current_entry(table: str, version: ReferenceVersion | None) -> dict[str, str | int]:
    """Return what is in force of a table, with its title and the number of its rows.

    ``table`` is one that ships or that can be loaded, KeyError for any other; ``version`` is
    the loaded one in force, None where none is.
    """
    title = titled(table)
    if version:
        return {**version.as_entry(), "title": title, "row_count": version.rows}
    if table in TABLES:
        return {**shipped_entry(table), "title": title, "row_count": len(shipped(table))}
    return {
        "table": table,
        "title": title,
        "edition": "none loaded",
        "source": LOADERS[table].SOURCE,
        "status": "the shipped tables speak alone",
        "since": "",
        "digest": "",
        "row_count": 0,
    }


def fed_by(references: tuple[str, ...]) -> tuple[str, ...]:
    """Return the loaded directories that speak before one of the shipped ``references``.

    A version of a shipped table is not among them: it goes by that table's name.
    """
    return tuple(
        name
        for name, loader in LOADERS.items()
        if name not in TABLES and not set(loader.FEEDS).isdisjoint(references)
    )
