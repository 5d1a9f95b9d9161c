"""Objections to the peer group in which a prescriber was put."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from .flag import Evaluation


class PeerDisputeQuerySet(models.QuerySet):
    """Entries, and which of them stand."""

    def standing(self) -> "PeerDisputeQuerySet":
        """Return the objections since the last time those to the same group were taken back."""
        later = PeerDispute.objects.filter(
            prescriber=models.OuterRef("prescriber"),
            role_group=models.OuterRef("role_group"),
            state=models.OuterRef("state"),
            stance=PeerDispute.Stance.WITHDRAWN,
            pk__gt=models.OuterRef("pk"),
        )
        disputed = self.filter(stance=PeerDispute.Stance.DISPUTED)
        return disputed.exclude(models.Exists(later))


class PeerDispute(models.Model):
    """What one person said of the group with which a prescriber is compared.

    An entry is never changed: who takes an objection back makes another. ``state`` is empty
    for the group of all states; ``evaluation`` is the one whose numbers the person saw. No
    number and no flag depends on it.
    """

    class Stance(models.TextChoices):
        DISPUTED = "disputed", "Disputed"
        WITHDRAWN = "withdrawn", "Taken back"

    prescriber = models.CharField(max_length=20)
    role_group = models.CharField(max_length=40)
    state = models.CharField(max_length=2, blank=True)
    stance = models.CharField(max_length=9, choices=Stance)
    reason = models.TextField()
    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="peer_disputes")
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="peer_disputes"
    )

    objects = PeerDisputeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["prescriber", "role_group", "state"]),
            models.Index(fields=["role_group", "state"]),
        ]
        constraints = [
            models.CheckConstraint(name="a_peer_dispute_says_why", condition=~Q(reason=""))
        ]

    def __str__(self):
        return f"{self.get_stance_display()}: {self.prescriber} in {self.role_group} {self.state}"
