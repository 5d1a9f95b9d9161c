"""What another process is given so that it can evaluate afresh: a copy, and nothing decided."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core import serializers
from django.db.models import Q

from .. import editions
from ..models import Evaluation, Holding, Snapshot, Upload
from ..models.proposal import EntrySet
from ..models.reference_version import entries_of, loaded_in

PERSONAL = ("uploaded_by", "repeats", "sources")
STARTER = (
    "import sys, django; django.setup(); "
    "from audits.verification.fresh import main; main(sys.argv[1])"
)
ROWS, ASKED, STATES = "rows.json", "asked.json", "states.jsonl"


class FreshError(Exception):
    """The other process could not evaluate; the message is its last line."""


@dataclass(frozen=True, kw_only=True)
class Fresh:
    """What another process found: its states as JSON lines, its answers by rule."""

    folder: Path

    def states(self) -> Iterator[dict]:
        """Yield the state of every flag, in no order that matters."""
        with (self.folder / STATES).open() as file:
            yield from map(json.loads, file)

    def answers(self, rule: str) -> Path:
        """Return the file of the answers of ``rule``."""
        return self.folder / "ledger" / "evidence" / "1" / rule / "answers.parquet"


@contextmanager
def evaluated_afresh(evaluation: Evaluation, rules: list[str]) -> Iterator[Fresh]:
    """Yield what ``rules`` say of the evaluation's snapshot and day, from an empty database.

    The other process gets a copy of the ledger's tables and the rows that say which
    versions count and what is held; keys and secrets it draws itself, for patients are in
    the ledger by their pseudonyms. Raises FreshError.
    """
    scratch = Path(settings.LEDGER) / "scratch"
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(dir=scratch, prefix="afresh-") as name:
        folder = Path(name).absolute()
        _copy_tables(folder / "ledger" / "tables")
        _copy_editions(evaluation, folder / "ledger" / "reference")
        (folder / ROWS).write_text(_rows(evaluation))
        asked = {
            "rules": rules,
            "as_of": evaluation.as_of.isoformat(),
            "mme_set": evaluation.mme_set,
            **{name: used.pk if used else "" for name, used in _sets(evaluation).items()},
        }
        (folder / ASKED).write_text(json.dumps(asked))
        _run(folder)
        yield Fresh(folder=folder)


def _copy_tables(into: Path) -> None:
    """Give the tables a second name each; the files are never written again once they stand."""
    tables = Path(settings.LEDGER).absolute() / "tables"
    if tables.exists():
        shutil.copytree(tables, into, copy_function=_link)


def _copy_editions(evaluation: Evaluation, into: Path) -> None:
    """Give the loaded reference tables a second name each; raises EditionError."""
    for table, digest in loaded_in(entries_of(evaluation)).items():
        editions.rows(table, digest)
        kept = editions.path(digest)
        copied = into / kept.relative_to(editions.folder())
        copied.parent.mkdir(parents=True, exist_ok=True)
        _link(str(kept), str(copied))


def _link(one: str, other: str) -> None:
    try:
        os.link(one, other)
    except FileNotFoundError:
        return  # a commit under way gave its temporary file the final name meanwhile
    except OSError:
        shutil.copyfile(one, other)


def _rows(evaluation: Evaluation) -> str:
    """Return as JSON what it rests on: snapshots, uploads, holdings, and the sets it used."""
    snapshot = evaluation.snapshot
    snapshots = Snapshot.objects.filter(number__lte=snapshot.number)
    held = Holding.objects.filter(since__number__lte=snapshot.number).filter(
        Q(until=None) | Q(until__number__gt=snapshot.number)
    )
    names = {field.name for field in Upload._meta.get_fields() if not field.auto_created}
    kept = (Snapshot, Holding, *Evaluation.SETS.values())
    names |= {field.name for model in kept for field in model._meta.fields}
    fields = names - {*PERSONAL, "until"}
    uploads = Upload.objects.filter(pk__in=snapshots.values("upload"))
    rows = [*uploads, *snapshots, *held, *filter(None, _sets(evaluation).values())]
    return serializers.serialize("json", rows, fields=fields)


def _sets(evaluation: Evaluation) -> dict[str, EntrySet | None]:
    """Return the sets that an evaluation used, by their names in ``Evaluation.SETS``."""
    return {name: getattr(evaluation, name) for name in Evaluation.SETS}


def _run(folder: Path) -> None:
    environment = os.environ | {
        "OVERSIGHT_VAR": str(folder),
        "OVERSIGHT_LEDGER": str(folder / "ledger"),
        "OVERSIGHT_KEYS": str(folder / "keys"),
        "OVERSIGHT_REDIS_URL": "",
        "DATABASE_URL": f"sqlite:///{folder}/fresh.db",
        "OVERSIGHT_AUDITOR_DATABASE_URL": "",
        "PYTHONPATH": os.pathsep.join([str(settings.BASE_DIR), *filter(None, sys.path)]),
    }
    command = [sys.executable, "-c", STARTER, str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no word of why"]
        raise FreshError(f"The evaluation afresh failed: {last[0]}")
