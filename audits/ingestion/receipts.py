"""Files that belong together: kept in one receipt, with an upload for each kind read from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import transaction

from .. import formats, jobs, mapping, trail
from ..formats import FormatError
from ..keeping import displayable
from ..mapping import MappingError
from ..models import Job, Upload
from . import folders
from .reading import sort_out
from .receiving import Asked, make, record


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One of the files of a receipt: its name and its bytes in blocks."""

    name: str
    blocks: Iterable[bytes]


def receive_together(
    sent: Sequence[Sent], asked: Asked, actor: trail.Actor, *, announced: bool
) -> tuple[list[Upload], Job]:
    """Keep the bytes of all files and make their uploads, and one job that checks them together.

    There is an upload for each kind that the preset reads from them, the first of which the
    control totals are of; where they do not fit together there is one, which its check refuses
    with the reason. ``announced`` writes an event of receipt for each.
    """
    files = [_kept(each) for each in sent]
    try:
        found = sort_out(files, asked.preset, asked.kind)
    except (FormatError, MappingError):
        found = None
    with transaction.atomic():
        uploads = _of_kinds(files, found, asked, actor) if found else [_odd(files, asked, actor)]
        receipt = uploads[0].pk
        for upload in uploads:
            upload.receipt = receipt
            upload.save(update_fields=["receipt"])
        job = jobs.enqueue("check", "upload", receipt, {}, actor)
        for upload in uploads if announced else ():
            record(upload, trail.Action.UPLOAD_RECEIVED, actor)
    return uploads, job


def grouped(paths: Sequence[Path], preset: str) -> list[list[Path]]:
    """Return ``paths`` in groups that belong together, each in the order given.

    A preset of several files takes them all; left to the columns, those that one such preset
    knows are a group, and each other file is alone.
    """
    named = mapping.PRESETS.get(preset)
    if named is not None:
        return [list(paths)] if named.parts else [[path] for path in paths]
    groups: dict[object, list[Path]] = {}
    for number, path in enumerate(paths):
        groups.setdefault(_preset_of(path) or number, []).append(path)
    return list(groups.values())


def _preset_of(path: Path) -> str | None:
    """Return the name of the preset that reads the file at ``path`` together with others."""
    try:
        found = mapping.for_several(formats.inspect(path).header)
    except FormatError:
        return None
    return found.name if found else None


def _kept(sent: Sent) -> dict:
    kept = folders.keep(sent.blocks)
    name = displayable(sent.name)
    return {"part": "", "name": name, "sha256": kept.sha256, "size": kept.size}


def _of_kinds(
    files: list[dict], found: mapping.Sorted, asked: Asked, actor: trail.Actor
) -> list[Upload]:
    """Make the upload of each kind; each is named by the file whose rows its records are."""
    named = [f | {"part": part} for f, part in zip(files, found.parts, strict=True)]
    uploads = []
    for kind in found.preset.kinds:
        own = next(f for f in named if f["part"] == found.preset.rows_of[kind])
        facts = {"files": named, "kind": kind, "preset": found.preset.name}
        uploads.append(make(asked, own, actor, **facts))
        asked = replace(asked, expect_rows=None, expect_quantity=None)
    return uploads


def _odd(files: list[dict], asked: Asked, actor: trail.Actor) -> Upload:
    return make(asked, files[0], actor, files=files)
