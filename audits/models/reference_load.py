"""Files of a published reference table that a person sent, until they are a version or refused."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from ..reference.loaders import LOADERS
from .reference_version import ReferenceVersion


class ReferenceLoad(models.Model):
    """What one person sent to be read as a new version of a table; its job reads it.

    ``files`` are kept as they came under their digests: name, sha256, size. A refused one has
    the first ``faults`` (file, line, column, problem, remedy; 0 and "" mean the whole file) of
    ``faults_total``; one that was read has its ``version``. Never deleted.
    """

    class State(models.TextChoices):
        RECEIVED = "received", "Being checked"
        READ = "read", "Read"
        REFUSED = "refused", "Refused"

    table = models.CharField(max_length=32)
    edition = models.CharField(max_length=64)
    status = models.CharField(max_length=200, blank=True)
    files = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    faults = models.JSONField(default=list)
    faults_total = models.PositiveIntegerField(default=0)
    version = models.OneToOneField(
        ReferenceVersion, models.PROTECT, null=True, blank=True, related_name="load"
    )
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="reference_loads"
    )
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="a_refused_reference_load_says_why_and_one_read_is_a_version",
                condition=Q(state="received", faults_total=0, version=None)
                | Q(state="read", faults_total=0, version__isnull=False)
                | Q(state="refused", faults_total__gt=0, version=None),
            ),
        ]

    def __str__(self):
        return f"{self.title}, {self.edition}"

    def get_absolute_url(self):
        return reverse("reference_load", args=[self.pk])

    @property
    def title(self) -> str:
        """Return what the table is called."""
        return LOADERS[self.table].TITLE
