"""Where records come from and how far each file of them has come."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse


class Source(models.Model):
    """A system that supplies records, and how its changes are understood."""

    class Policy(models.TextChoices):
        BY_STATUS = "by_status", "Only rows marked revise change a record; others are conflicts"
        LATEST_WINS = "latest_wins", "The latest content of a record wins"

    name = models.CharField(max_length=40, unique=True)
    patient_domain = models.CharField(
        max_length=40, help_text="Sources that number patients alike share a domain."
    )
    change_policy = models.CharField(max_length=12, choices=Policy)
    synthetic = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class Upload(models.Model):
    """Records of one kind as they came, from the moment their bytes are kept.

    Mostly that is one file. Files that belong together come in one receipt, with an upload for
    each kind read from them: ``receipt`` is the number of the first of these uploads, null for
    a file that came alone. ``files`` then has all of them (part, name, sha256, size), in the
    order sent and the same on each upload, and ``sha256`` is that of the file whose rows the
    records are.
    """

    class Status(models.TextChoices):
        RECEIVED = "received", "Received"
        CHECKING = "checking", "Checking"
        STAGED = "staged", "Ready to promote"
        PROMOTING = "promoting", "Promoting"
        PROMOTED = "promoted", "Promoted"
        REFUSED = "refused", "Refused"
        DISCARDED = "discarded", "Discarded"
        WITHDRAWN = "withdrawn", "Withdrawn"

    ENDED = (Status.REFUSED, Status.DISCARDED, Status.WITHDRAWN)

    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    files = models.JSONField(default=list, blank=True)
    receipt = models.PositiveBigIntegerField(null=True, blank=True, db_index=True)
    asked_kind = models.CharField(max_length=20, blank=True)
    asked_preset = models.CharField(max_length=20, default="auto")
    asked_source = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    preset = models.CharField(max_length=20, blank=True)
    mapping_version = models.PositiveIntegerField(null=True, blank=True)
    encoding = models.CharField(max_length=20, blank=True)
    notes = models.JSONField(default=list)
    sources = models.ManyToManyField(Source, related_name="uploads")
    status = models.CharField(max_length=10, choices=Status, default=Status.RECEIVED)
    refusal = models.TextField(blank=True)
    repeats = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="repetitions"
    )
    expect_rows = models.PositiveBigIntegerField(null=True, blank=True)
    expect_quantity = models.DecimalField(max_digits=18, decimal_places=3, null=True, blank=True)
    covers_from = models.DateField(null=True, blank=True)
    covers_to = models.DateField(null=True, blank=True)
    covers_states = models.CharField(max_length=300, blank=True)
    read = models.PositiveBigIntegerField(default=0)
    new = models.PositiveBigIntegerField(default=0)
    unchanged = models.PositiveBigIntegerField(default=0)
    revised = models.PositiveBigIntegerField(default=0)
    voided = models.PositiveBigIntegerField(default=0)
    stale = models.PositiveBigIntegerField(default=0)
    duplicate = models.PositiveBigIntegerField(default=0)
    conflict = models.PositiveBigIntegerField(default=0)
    rejected = models.PositiveBigIntegerField(default=0)
    warned = models.PositiveBigIntegerField(default=0)
    rejection_counts = models.JSONField(default=list)
    warning_counts = models.JSONField(default=list)
    unmatched_drugs = models.PositiveBigIntegerField(default=0)
    sum_quantity = models.DecimalField(max_digits=24, decimal_places=3, null=True, blank=True)
    first_date = models.DateField(null=True, blank=True)
    last_date = models.DateField(null=True, blank=True)
    staged_on = models.PositiveBigIntegerField(
        default=0, help_text="Ledger version that the counts of the preview compare with."
    )
    turn = models.CharField(
        max_length=80, blank=True, help_text="Ledger transaction that last had the turn to write."
    )
    withdrawal_reason = models.TextField(blank=True)
    withdrawal_asked_by = models.CharField(max_length=150, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="uploads"
    )
    uploaded_label = models.CharField(max_length=150)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="a_refused_upload_says_why",
                condition=~Q(status="refused") | ~Q(refusal=""),
            ),
            models.UniqueConstraint(
                name="one_promotion_at_a_time",
                fields=["status"],
                condition=Q(status="promoting"),
            ),
        ]

    def __str__(self):
        return f"upload {self.pk}"

    def get_absolute_url(self):
        return reverse("upload", args=[self.pk])

    def together(self) -> "list[Upload]":
        """Return all uploads of the same receipt in order, itself alone where there is none.

        What is done to one is done to all: into the ledger they go from the last to the first,
        and out of it from the first to the last.
        """
        if self.receipt is None:
            return [self]
        others = {each.pk: each for each in Upload.objects.filter(receipt=self.receipt)}
        return [each for _, each in sorted((others | {self.pk: self}).items())]
