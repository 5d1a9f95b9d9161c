"""What people chose where a file says something else than is held, without calling it a change."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from .snapshot import Snapshot
from .upload import Upload


class Settlement(models.Model):
    """One choice of one person for at most 100 conflicting rows of an upload.

    ``asked`` lists row and content in force as the person saw them; ``settled_at`` is null
    until the choice is carried out. Only a choice to replace makes a ``snapshot``.
    """

    class Choice(models.TextChoices):
        KEEP = "keep", "Kept what was held"
        REPLACE = "replace", "Took what the file says"

    MOST = 100

    upload = models.ForeignKey(Upload, models.PROTECT, related_name="settlements")
    choice = models.CharField(max_length=8, choices=Choice)
    reason = models.TextField()
    asked = models.JSONField()
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="settlements"
    )
    asked_label = models.CharField(max_length=150)
    snapshot = models.OneToOneField(
        Snapshot, models.PROTECT, null=True, blank=True, related_name="settlement"
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="a_choice_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="a_replacement_makes_a_snapshot_and_nothing_else_does",
                condition=Q(snapshot=None) & (Q(settled_at=None) | Q(choice="keep"))
                | Q(snapshot__isnull=False, settled_at__isnull=False, choice="replace"),
            ),
        ]

    def __str__(self):
        return f"settlement {self.pk} of {self.upload}"


class SettledConflict(models.Model):
    """A conflicting row that a person settled, once and for all.

    ``content_hash`` is what the file says, ``held_hash`` what was held, empty where nothing
    was. ``accepted_seq`` is the row's number in the ledger, null where it did not enter it:
    the former was kept, or another chosen row of the file says the same.
    """

    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="conflicts")
    upload = models.ForeignKey(Upload, models.PROTECT, related_name="settled_conflicts")
    row = models.PositiveBigIntegerField()
    source_system = models.CharField(max_length=40)
    source_record_id = models.CharField(max_length=64)
    content_hash = models.CharField(max_length=64)
    held_hash = models.CharField(max_length=64, blank=True)
    accepted_seq = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["row"]
        constraints = [
            models.UniqueConstraint(name="a_conflict_is_settled_once", fields=["upload", "row"])
        ]

    def __str__(self):
        return f"row {self.row} of {self.upload}"
