"""What the reader of a workbook must know of it: where from, narrowed to what, by whom."""

from collections.abc import Mapping
from datetime import date

from django.utils import timezone

from .. import trail
from ..models import Evaluation, Source, Upload
from ..rule import Rule
from .answers import last_of
from .workbook import About

LEAD = "Each flag is a lead for a person to review, never a finding."


def about_flags(actor: trail.Actor, narrowed: Mapping[str, str]) -> About:
    """Return what an export of flags is; ``narrowed`` are the filters in force by name."""
    newest = Evaluation.objects.filter(unpublished=False).order_by("-pk").first()
    return _about("Flags", actor, narrowed, newest, {"Note": LEAD})


def about_answers(actor: trail.Actor, rule: Rule) -> About:
    """Return what an export of a rule's answers is; raises NothingEvaluated."""
    whose = {"Rule": f"{rule.number} {rule.title}", "Unit of value": rule.unit}
    return _about("Answers", actor, {}, last_of(rule), whose)


def _about(
    title: str,
    actor: trail.Actor,
    narrowed: Mapping[str, str],
    evaluation: Evaluation | None,
    more: Mapping[str, str],
) -> About:
    filters = {f"Filter: {name.replace('_', ' ')}": text for name, text in narrowed.items()}
    now = timezone.now()
    facts = {
        "Contents": title,
        **more,
        **(filters or {"Filter": "none"}),
        **_origin(evaluation),
        "Made by": actor.label or actor.id,
        "Made at (UTC)": f"{now:%Y-%m-%d %H:%M:%S}",
    }
    return About(title=title, facts=tuple(facts.items()), made_at=now)


def _origin(evaluation: Evaluation | None) -> dict[str, str | int | date]:
    """Return which records the rows rest on; made-up ones are said to be so."""
    made_up = Source.objects.filter(synthetic=True, uploads__status=Upload.Status.PROMOTED)
    facts: dict[str, str | int | date] = {}
    if made_up.exists():
        facts["Records"] = "SYNTHETIC DATA: the ledger holds made-up records"
    if evaluation is None:
        return facts | {"Evaluation": "nothing was evaluated yet"}
    facts |= {"Ledger version": evaluation.snapshot_id, "Evaluation": evaluation.pk}
    facts["MME factors"] = evaluation.mme_set
    return facts | ({"As of": evaluation.as_of} if evaluation.as_of else {})
