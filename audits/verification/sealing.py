"""Whether states and files are those that the events of publication vouch for."""

import json
from collections.abc import Collection, Iterator, Mapping
from hashlib import file_digest
from itertools import chain
from pathlib import Path

from .. import editions
from ..evaluation.answering import folder
from ..evaluation.flags import leaf_of, merkle_root
from ..evaluation.states import state_digest
from ..models import Evaluation, Event, FlagState
from ..models.reference_version import entries_of, loaded_in
from ..reference.factors import MME_SET
from ..trail import Action
from .differences import Difference, of_flag

AT_ONCE = 2_000
# What an event of publication names, and where the evaluation keeps it.
SETS = {
    "drug_mappings": "mapping_set",
    "number_mappings": "number_set",
    "parameters": "parameter_set",
    "reference_tables": "reference_set",
}


def sealed(last: Collection[int]) -> Iterator[Difference]:
    """Yield what is not as the events of the trail say it was when it was published.

    The files are those of the evaluations in ``last`` and of any that a flag rests on.
    """
    needed = set(FlagState.objects.seen().order_by().values_list("since", flat=True).distinct())
    published = Evaluation.objects.filter(unpublished=False).select_related(*SETS.values())
    for evaluation in published.order_by("pk"):
        said = _said_at_publication(evaluation)
        if {said.get("merkle_root"), evaluation.merkle_root} != {_root(evaluation)}:
            yield Difference(kind="altered", field="merkle_root", evaluation=evaluation.pk)
        for name in _not_as_said(evaluation, said):
            yield Difference(kind="altered", field=name, evaluation=evaluation.pk)
        if evaluation.pk in needed | set(last):
            yield from _of_files(evaluation, said.get("files", {}))
    seen = FlagState.objects.seen().exclude(verdict=FlagState.Verdict.WITHDRAWN)
    for state in seen.select_related("flag").order_by("pk").iterator(AT_ONCE):
        if state_digest(state) != state.state_digest:
            yield of_flag("altered", state, "state_digest")


def _said_at_publication(evaluation: Evaluation) -> dict:
    """Return what the event of a publication says; empty where there is none."""
    event = Event.objects.filter(
        action=Action.EVALUATION_PUBLISHED, object_type="evaluation", object_id=str(evaluation.pk)
    ).last()
    return json.loads(event.after) if event else {}


def _not_as_said(evaluation: Evaluation, said: Mapping[str, str]) -> list[str]:
    """Return what an evaluation kept with it that is not what its event names."""
    found = []
    for name, field in SETS.items():
        kept = getattr(evaluation, field)
        if said.get(name, "") != (kept.pk if kept else "") or (kept and not kept.is_whole):
            found.append(name)
    if not all(map(editions.is_whole, loaded_in(entries_of(evaluation)).values())):
        found.append("reference_tables")
    if said.get("mme_set", MME_SET) != evaluation.mme_set:
        found.append("mme_set")
    return list(dict.fromkeys(found))


def _root(evaluation: Evaluation) -> str:
    states = FlagState.objects.filter(since=evaluation).only("state_digest", "flag_id")
    return merkle_root(leaf_of(state) for state in states.iterator(AT_ONCE))


def _of_files(
    evaluation: Evaluation, said: Mapping[str, Mapping[str, str]]
) -> Iterator[Difference]:
    """Yield the files of an evaluation whose bytes are not those it was published with."""
    for rule in chain(said, (rule for rule in evaluation.rules if rule not in said)):
        for name in dict.fromkeys(("answers", "evidence", *said.get(rule, {}))):
            path = folder(evaluation.pk, rule) / f"{name}.parquet"
            if _sha256(path) != said.get(rule, {}).get(name, ""):
                yield Difference(
                    kind="altered", rule=rule, field=f"{name} file", evaluation=evaluation.pk
                )


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
