"""How the trail is narrowed; every filter is in the address."""

import django_filters

from ..models import Event
from ..trail import Action


class EventFilter(django_filters.FilterSet):
    """Narrows the trail by act, by what it was done to and by who did it."""

    action = django_filters.ChoiceFilter(
        label="Act",
        empty_label="every act",
        choices=sorted((a.value, a.value.replace("_", " ")) for a in Action),
    )
    object_type = django_filters.CharFilter(label="Kind of thing")
    object_id = django_filters.CharFilter(label="Its number")
    actor_label = django_filters.CharFilter(label="Who")

    class Meta:
        model = Event
        fields = ("action", "object_type", "object_id", "actor_label")
