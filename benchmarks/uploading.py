"""One file as a person uploads it: received, checked, promoted and evaluated by the worker.

Run by ``benchmarks.increment``, in the environment of its place. Prints one JSON object: the
seconds from the first byte to the flags that are seen, and those of every step.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oversight.settings")

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from audits import ingestion, tasks, trail  # noqa: F401 - tasks ring the bell
from audits.ingestion import Asked
from audits.keeping import blocks_of
from audits.models import Evaluation, Upload

LONGEST, LOOK = 600, 0.02  # seconds


def main(path: Path) -> None:
    """Upload the file, promote it once it is staged, wait until the evaluation is published."""
    actor = trail.Actor.command("benchmark")
    before = Evaluation.objects.filter(unpublished=False).count()
    began = time.monotonic()
    asked = Asked(file_name=path.name)
    upload, _ = ingestion.receive(blocks_of(path), asked, actor, announced=True)
    steps = {"received": time.monotonic() - began}
    _until(lambda: _status(upload) == Upload.Status.STAGED)
    steps["checked"] = time.monotonic() - began
    ingestion.ask_for_promotion(upload, actor, then_evaluate=True)
    _until(lambda: _status(upload) == Upload.Status.PROMOTED)
    steps["promoted"] = time.monotonic() - began
    _until(lambda: Evaluation.objects.filter(unpublished=False).count() > before)
    steps["flags seen"] = time.monotonic() - began
    flags = Evaluation.objects.order_by("-pk").first().flags
    print(json.dumps({"read": upload.read, "steps": steps, "flags": flags}))


def _status(upload: Upload) -> str:
    upload.refresh_from_db()
    return upload.status


def _until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + LONGEST
    while not holds():
        if time.monotonic() > ends:
            sys.exit("The worker did not get on.")
        time.sleep(LOOK)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
