"""Who steps back from a flag."""

from django.conf import settings
from django.db import models

from .flag import Flag


class Recusal(models.Model):
    """A person who steps back from a flag, and why."""

    flag = models.ForeignKey(Flag, models.PROTECT, related_name="recusals")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="recusals")
    reason = models.TextField()
    recused_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["flag", "person"], name="recused_once"),
        ]

    def __str__(self):
        return f"{self.person} stepped back from {self.flag}"
