"""What of a prescriber's page is about peers: the comparison, and what was objected to it."""

from collections.abc import Iterable, Sequence

from django.http import HttpRequest

from .. import dossiers
from ..forms.disputes import DisputeForm, TakeBackForm
from ..models import PeerDispute
from ..peers import LEAST_CONTROLLED, LEAST_MEMBERS
from ..tables.peers import NOT_DEFINED, group_name, peer_windows
from .permitted import may

Place = tuple[str, str]


def disputing(request: HttpRequest, key: str, compared: Sequence[dossiers.Compared]) -> dict:
    """Return the comparison of a prescriber in words, the objections, and the forms for them."""
    windows = peer_windows(compared)
    cells = [cell for w in windows for line in w.lines for cell in (line.z, line.spread.inner)]
    said = PeerDispute.objects.filter(prescriber=key)
    standing = said.standing()
    return {
        "peer_windows": windows,
        "peers_undefined": NOT_DEFINED in cells,
        "least_members": LEAST_MEMBERS,
        "least_controlled": LEAST_CONTROLLED,
        "peer_disputes": [
            {"entry": entry, "group": group_name(entry.role_group, entry.state)}
            for entry in said.select_related("made_by")
        ],
        "peers_disputed": standing.exists(),
        "may_dispute": may(request.user, "decide_flags"),
        "dispute_form": DisputeForm(groups=choices(disputable(compared)), prefix="dispute"),
        "take_back_form": TakeBackForm(groups=choices(standing_places(key)), prefix="back"),
    }


def disputable(compared: Iterable[dossiers.Compared]) -> list[Place]:
    """Return the groups that may be objected to: those compared with, else those looked for."""
    chosen = [(c.choice.group.role_group, c.choice.group.state) for c in compared if c.choice.group]
    people = [each.person for each in compared if each.person.role_group]
    looked_for = [(p.role_group, state) for p in people for state in (p.state or "", "")]
    return list(dict.fromkeys(chosen or looked_for))


def standing_places(key: str) -> list[Place]:
    """Return the groups of a prescriber to which an objection stands."""
    standing = PeerDispute.objects.filter(prescriber=key).standing()
    return sorted(set(standing.values_list("role_group", "state")))


def choices(places: Iterable[Place]) -> list[tuple[Place, str]]:
    """Return groups with their names, as the forms take them."""
    return [(place, group_name(*place)) for place in places]
