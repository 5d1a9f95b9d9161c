"""Work that runs behind the pages, one row a job; the row is the truth and Redis a doorbell."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


def new_public_id() -> str:
    """Return 128 random bits as 32 hex digits: an address that cannot be guessed."""
    return secrets.token_hex(16)


HELD = ("running", "cancelling")
ENDED = ("succeeded", "failed", "cancelled")


class JobQuerySet(models.QuerySet):
    """Jobs by who may write them; every time is compared with the database's clock."""

    def held(self, job: "Job") -> "JobQuerySet":
        """Return the row of ``job`` if the attempt that took it still holds it, else nothing."""
        return self.filter(pk=job.pk, token=job.token, state__in=HELD)

    def lapsed(self) -> "JobQuerySet":
        """Return held jobs whose lease ran out: their worker is dead, stopped or cut off."""
        return self.filter(state__in=HELD, lease_until__lt=Now())


class Job(models.Model):
    """One piece of background work: what to do, who asked, who holds it, how far it is.

    ``token`` rises with every change of holder, and each write of a holder names its
    token, so a worker that lost the job cannot write any more. ``attempts`` counts the
    takes; ``last_progress_attempt`` is the latest take that went further than all before,
    measured by ``furthest`` (stage -> greatest ``done``). ``cancellable`` falls to false
    when the work can only go forward, and a failure of such a job is but a pause.
    ``parameters`` holds ids and options, never a value of a record; neither does ``error``,
    one sentence for a person.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        CANCELLING = "cancelling", "Cancelling"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    HELD = HELD
    ENDED = ENDED

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id)
    kind = models.CharField(max_length=20)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=64)
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    token = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    last_progress_attempt = models.PositiveIntegerField(default=0)
    furthest = models.JSONField(default=dict)
    progress_done = models.PositiveBigIntegerField(default=0)
    progress_total = models.PositiveBigIntegerField(null=True, blank=True)
    stage = models.CharField(max_length=60, blank=True)
    cancellable = models.BooleanField(default=True)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=400, blank=True)
    requested_by = models.CharField(max_length=150)
    requested_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="jobs"
    )
    created_at = models.DateTimeField(db_default=Now())
    queued_at = models.DateTimeField(db_default=Now())
    rung_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state", "queued_at"]),
            models.Index(fields=["object_type", "object_id"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_job_is_in_a_known_state",
                condition=Q(state__in=("queued", *HELD, *ENDED)),
            ),
            models.CheckConstraint(
                name="a_held_job_has_a_lease_and_no_other_has",
                condition=Q(
                    state__in=HELD,
                    lease_until__isnull=False,
                    heartbeat_at__isnull=False,
                    started_at__isnull=False,
                )
                | (~Q(state__in=HELD) & Q(lease_until=None)),
            ),
            models.CheckConstraint(
                name="a_job_has_an_end_once_it_ended",
                condition=Q(state__in=ENDED, finished_at__isnull=False)
                | (~Q(state__in=ENDED) & Q(finished_at=None)),
            ),
            models.CheckConstraint(
                name="a_failed_job_says_why_and_no_other_does",
                condition=(Q(state="failed") & ~Q(error_code="") & ~Q(error=""))
                | (~Q(state="failed") & Q(error_code="", error="")),
            ),
            models.CheckConstraint(
                name="work_that_only_goes_forward_is_not_cancelled",
                condition=Q(cancellable=True) | ~Q(state__in=("cancelling", "cancelled")),
            ),
            models.CheckConstraint(
                name="a_job_is_done_at_most_once_over",
                condition=Q(progress_total=None) | Q(progress_done__lte=F("progress_total")),
            ),
            models.CheckConstraint(
                name="progress_belongs_to_an_attempt_made",
                condition=Q(last_progress_attempt__lte=F("attempts")),
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.public_id[:8]}"

    @property
    def is_ended(self) -> bool:
        """Return whether the job has ended, well or not.

        Nothing moves it but a person, and the sweeper where it failed and must be finished.
        """
        return self.state in self.ENDED

    @property
    def percent(self) -> int | None:
        """Return the share done, 0 to 99 while it runs and 100 once it succeeded.

        None where the whole is not known.
        """
        if self.state == self.State.SUCCEEDED:
            return 100
        if not self.progress_total:
            return None
        return min(99, 100 * self.progress_done // self.progress_total)
