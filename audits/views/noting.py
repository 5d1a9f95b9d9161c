"""Looking is an act too: who looked at whom goes into the trail, once an hour."""

from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from .. import trail
from ..models import Event

SAME_VISIT = timedelta(hours=1)


def note_view(request: HttpRequest, action: trail.Action, object_type: str, object_id: str) -> None:
    """Write that a person looked at something, once for each person, session and hour."""
    actor = trail.Actor.of_request(request)
    seen = Event.objects.filter(
        object_type=object_type,
        object_id=object_id,
        action=action,
        actor_id=actor.id,
        session_fp=actor.session_fp,
        at__gte=timezone.now() - SAME_VISIT,
    )
    if request.method == "GET" and not seen.exists():
        with transaction.atomic():
            trail.record(actor=actor, action=action, object_type=object_type, object_id=object_id)
