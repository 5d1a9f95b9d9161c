"""The other process: an empty database, the copied ledger, one full evaluation, its states."""

import json
import sys
from datetime import date
from pathlib import Path

from django.core import serializers
from django.core.management import call_command

from .. import evaluation, jobs, trail
from ..models import Evaluation, FlagState, Job
from .handover import ASKED, ROWS, STATES
from .telling import told


def main(folder: str) -> None:
    """Evaluate what was handed over in ``folder`` and write the states there; exit 1 if not."""
    here = Path(folder)
    call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)
    for row in serializers.deserialize("json", (here / ROWS).read_text()):
        row.save()
    asked = json.loads((here / ASKED).read_text())
    actor = trail.Actor.job("verify")
    as_of = date.fromisoformat(asked["as_of"])
    job = evaluation.ask(
        asked["rules"],
        actor,
        full=True,
        as_of=as_of,
        mme_set=asked["mme_set"],
        **{name: asked[name] for name in Evaluation.SETS},
    )
    job = jobs.run_in_foreground(job)
    if job.state != Job.State.SUCCEEDED:
        sys.exit(job.error)
    with (here / STATES).open("w") as file:
        for state in FlagState.objects.seen().select_related("flag").order_by("pk").iterator():
            file.write(json.dumps(told(state)) + "\n")
