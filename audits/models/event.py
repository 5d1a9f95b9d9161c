"""The audit trail as it is stored; only ``audits.trail`` writes these tables."""

from django.db import models


class Event(models.Model):
    """One thing a person or a job did, sealed into the hash chain.

    Append only: triggers refuse every update and delete. There are no foreign keys,
    so nothing elsewhere can block or cascade. ``at`` is the wall clock, which may be
    set back; ``prev_at_guard`` is the greater of ``at`` and the guard of the event
    before, and never goes back. ``before`` and ``after`` are canonical JSON, "null"
    where there is nothing to say, and hold tokens, never patients. ``reason`` is the
    salted commitment to a text in ``SealedText``, empty where no reason was given.
    The format is docs/trail.md.
    """

    seq = models.BigIntegerField("number", primary_key=True)
    v = models.PositiveSmallIntegerField("format", default=1)
    at = models.DateTimeField("time")
    prev_at_guard = models.DateTimeField("time guard")
    actor_id = models.CharField("actor", max_length=255)
    actor_label = models.CharField("actor name", max_length=255)
    role = models.CharField(max_length=255)
    session_fp = models.CharField("session", max_length=16)
    ip = models.CharField("address", max_length=255)
    request_id = models.CharField("request", max_length=255)
    action = models.CharField(max_length=60)
    object_type = models.CharField("object", max_length=60)
    object_id = models.CharField("object id", max_length=255)
    before = models.TextField()
    after = models.TextField()
    reason = models.CharField("reason commitment", max_length=64)
    outcome = models.CharField(max_length=16)
    prev_hash = models.CharField("previous hash", max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["seq"]
        indexes = [
            models.Index(fields=["object_type", "object_id", "seq"]),
            models.Index(fields=["actor_id", "seq"]),
        ]

    def __str__(self):
        return f"event {self.seq}"

    @property
    def clock_suspect(self) -> bool:
        """Return whether the wall clock stood behind an earlier event's when this was written."""
        return self.at < self.prev_at_guard


class SealedText(models.Model):
    """The free text behind an event's reason, beside the chain so that law can erase it.

    Triggers refuse a change and a second writing; deleting the row leaves the chain whole.
    ``salt`` is 32 random bytes in hex.
    """

    seq = models.BigIntegerField(primary_key=True)
    salt = models.CharField(max_length=64)
    text = models.TextField()

    class Meta:
        ordering = ["seq"]

    def __str__(self):
        return f"reason of event {self.seq}"


class TrailHead(models.Model):
    """Where the chain stands: one row, key 1, locked by whoever writes the next event.

    ``hash`` is 64 zeros and ``prev_at_guard`` null before the first event.
    """

    id = models.PositiveSmallIntegerField(primary_key=True)
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    prev_at_guard = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return f"head at event {self.seq}"
