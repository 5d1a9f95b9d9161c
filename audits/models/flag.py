"""The flags that evaluations raise, and what people decide on them."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When
from django.urls import reverse

from ..vocabulary import Severity
from .evaluation import Evaluation


def new_public_id() -> str:
    """Return 128 random bits as hex: an address that cannot be guessed."""
    return secrets.token_hex(16)


class FlagStateQuerySet(models.QuerySet):
    """States of flags, and which of them may be seen."""

    def seen(self) -> "FlagStateQuerySet":
        """Return the states that are published and not yet followed by a published one."""
        hidden = Evaluation.objects.filter(unpublished=True).values_list("pk", flat=True).first()
        if hidden is None:
            return self.filter(until=None)
        return self.filter(Q(until=None) | Q(until=hidden)).exclude(since=hidden)

    def with_status(self) -> "FlagStateQuerySet":
        """Add ``status`` as a person sees it: his handling while it fires, else the machine's."""
        return self.annotate(
            status=Case(
                When(flag__handling="decided", then=Value("decided")),
                When(verdict="fired", then=models.F("flag__handling")),
                default=models.F("verdict"),
                output_field=models.CharField(),
            )
        )


class Flag(models.Model):
    """A rule's suspicion about one subject, as a person handles it.

    What the machine says of it is in ``FlagState``, one row a published change.
    A decided flag is never changed again: what comes later is a flag of its own,
    linked as the recurrence of this one.
    """

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        CLAIMED = "claimed", "Claimed"
        AWAITING_SECOND = "awaiting_second", "Awaiting second person"
        DECIDED = "decided", "Decided"
        WITHDRAWN = "withdrawn", "Withdrawn"
        SUPPRESSED = "suppressed", "Suppressed"

    UNDECIDED = (Status.OPEN, Status.CLAIMED, Status.AWAITING_SECOND)
    # A person has spoken: what he saw stays as he saw it, also while a second one is awaited.
    SPOKEN = (Status.DECIDED, Status.AWAITING_SECOND)

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id)
    rule = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=24)
    subject_id = models.CharField(max_length=200)
    handling = models.CharField(
        max_length=16,
        choices=[
            ("open", "Open"),
            ("claimed", "Claimed"),
            ("awaiting_second", "Awaiting second person"),
            ("decided", "Decided"),
        ],
        default="open",
    )
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="claims"
    )
    recurrence_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="recurrences"
    )
    raised_by = models.ForeignKey(Evaluation, models.PROTECT, related_name="raised")

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["rule", "subject_id"])]
        constraints = [
            models.CheckConstraint(
                name="a_claimed_flag_has_a_claimant",
                condition=~Q(handling="claimed") | Q(claimed_by__isnull=False),
            )
        ]

    def __str__(self):
        return f"{self.rule} {self.subject_id}"

    def get_absolute_url(self):
        return reverse("flag", args=[self.public_id])


class FlagState(models.Model):
    """What one evaluation says of a flag, from that evaluation until the next change.

    Seen when ``since`` is published and ``until`` is not. ``value`` is an exact
    count of ``1 / value_divisor`` of ``unit``. ``occurrences`` lists the occurrences,
    the worst first, each with its identity (definition, occurred_on, digest).
    """

    class Verdict(models.TextChoices):
        FIRED = "fired", "Fired"
        SUPPRESSED = "suppressed", "Suppressed"
        WITHDRAWN = "withdrawn", "No longer supported"

    flag = models.ForeignKey(Flag, models.PROTECT, related_name="states")
    since = models.ForeignKey(Evaluation, models.PROTECT, related_name="states_begun")
    until = models.ForeignKey(
        Evaluation, models.PROTECT, null=True, blank=True, related_name="states_ended"
    )
    verdict = models.CharField(max_length=10, choices=Verdict)
    reason = models.CharField(max_length=40, blank=True)
    severity = models.CharField(max_length=8, choices=[(s.value, s.value) for s in Severity])
    gravity = models.PositiveSmallIntegerField()
    definition = models.CharField(max_length=60)
    value = models.BigIntegerField()
    value_divisor = models.PositiveIntegerField()
    comparison = models.CharField(max_length=2)
    threshold = models.CharField(max_length=20)
    unit = models.CharField(max_length=40)
    first_on = models.DateField()
    last_on = models.DateField()
    occurrences = models.JSONField()
    occurrence_count = models.PositiveIntegerField()
    records = models.PositiveIntegerField()
    record_keys = models.JSONField()
    evidence_digest = models.CharField(max_length=64)
    quality = models.JSONField(default=list)
    holdings = models.JSONField(default=list)
    priority = models.PositiveIntegerField()
    priority_parts = models.JSONField(default=list)
    state = models.CharField(max_length=20, blank=True)
    prescriber = models.CharField(max_length=20, blank=True)
    state_digest = models.CharField(max_length=64)

    objects = FlagStateQuerySet.as_manager()

    class Meta:
        ordering = ["-priority", "-pk"]
        indexes = [
            models.Index(fields=["until", "-priority", "-id"]),
            models.Index(fields=["since"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["flag"], condition=Q(until=None), name="one_running_state_a_flag"
            )
        ]

    def __str__(self):
        return f"{self.flag} since {self.since_id}"


class DecisionQuerySet(models.QuerySet):
    """Decisions, and which of them stand."""

    def standing(self) -> "DecisionQuerySet":
        """Return the decisions that no second person declined; those awaiting one stand."""
        return self.filter(declined_by=None)


class Decision(models.Model):
    """A person's decision on a flag; it covers exactly the occurrences he saw.

    A decision that the second person declines stays, but stands no longer.
    """

    class Outcome(models.TextChoices):
        NO_CONCERN = "no_concern", "No concern"
        EXPLAINED = "explained", "Explained and documented"
        DATA_ERROR = "data_error", "Data error"
        EDUCATION = "education", "Education"
        CORRECTIVE_ACTION = "corrective_action", "Corrective action"
        PEER_REVIEW = "peer_review", "Refer to peer review"
        AUTHORITY = "authority", "Refer to an authority"

    flag = models.ForeignKey(Flag, models.PROTECT, related_name="decisions")
    state = models.ForeignKey(FlagState, models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=20, choices=Outcome)
    reason = models.TextField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="decisions"
    )
    decided_at = models.DateTimeField(auto_now_add=True)
    seconded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="seconds"
    )
    seconded_at = models.DateTimeField(null=True, blank=True)
    declined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="declined"
    )
    declined_at = models.DateTimeField(null=True, blank=True)
    covers = models.JSONField()

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="a_decision_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="a_second_has_a_time",
                condition=Q(seconded_by=None, seconded_at=None)
                | Q(seconded_by__isnull=False, seconded_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_declined_decision_has_a_time_and_no_second",
                condition=Q(declined_by=None, declined_at=None)
                | Q(declined_by__isnull=False, declined_at__isnull=False, seconded_by=None),
            ),
            models.UniqueConstraint(
                fields=["flag"], condition=Q(declined_by=None), name="one_decision_a_flag"
            ),
        ]

    def __str__(self):
        return f"{self.get_outcome_display()} on {self.flag}"


class EvidenceChange(models.Model):
    """What a decision covered and the records no longer show; the decision itself stays."""

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="evidence_changes")
    since = models.ForeignKey(Evaluation, models.PROTECT, related_name="evidence_changes")
    missing = models.JSONField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"evidence of {self.decision} changed"
