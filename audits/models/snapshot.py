"""The ledger as readers may see it, and what its silence means."""

from django.db import models
from django.db.models import Q


class Snapshot(models.Model):
    """A state of the ledger: a Delta version for each kind and the sequence reached.

    Its number is the ``ledger_version`` that every flag and export names.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    versions = models.JSONField()
    sequence = models.PositiveBigIntegerField()
    upload = models.ForeignKey("Upload", models.PROTECT, related_name="snapshots")
    newest_on = models.DateField(null=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]

    def __str__(self):
        return f"ledger version {self.number}"


class Holding(models.Model):
    """A period, and the states, for which an upload states its kind to be complete.

    Inside it a missing row means absence; outside it nothing can be said. An empty
    ``states`` means all. It begins with a snapshot and ends when its upload is withdrawn.
    """

    kind = models.CharField(max_length=20)
    covers_from = models.DateField()
    covers_to = models.DateField()
    states = models.CharField(max_length=300, blank=True)
    stated = models.BooleanField(help_text="Stated by a person; otherwise read off the file.")
    upload = models.ForeignKey("Upload", models.PROTECT, related_name="holdings")
    since = models.ForeignKey(Snapshot, models.PROTECT, related_name="holdings_begun")
    until = models.ForeignKey(
        Snapshot, models.PROTECT, null=True, blank=True, related_name="holdings_ended"
    )

    class Meta:
        ordering = ["kind", "covers_from", "pk"]
        constraints = [
            models.CheckConstraint(
                name="a_holding_ends_after_it_begins",
                condition=Q(covers_to__gte=models.F("covers_from")),
            )
        ]

    def __str__(self):
        where = self.states or "all states"
        return f"{self.kind} {self.covers_from}..{self.covers_to}, {where}"
