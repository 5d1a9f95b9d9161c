"""Where the bytes of an upload and what was made of them are kept."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from .. import keeping
from ..keeping import Kept, sync
from ..models import Upload


def original_of(upload: Upload) -> Path:
    """Return the path of the bytes as they came."""
    return original(upload.sha256)


def originals_of(upload: Upload) -> list[Path]:
    """Return the paths of all files that came with the upload, its own among them."""
    return [original(f["sha256"]) for f in upload.files] or [original_of(upload)]


def original(sha256: str) -> Path:
    """Return the path of kept bytes by their digest."""
    return Path(settings.LEDGER) / "originals" / sha256[:2] / sha256[2:4] / sha256


def folder_of(upload: Upload) -> Path:
    """Return the folder of what was made of the upload, entered by its owner only."""
    folder = Path(settings.LEDGER) / "uploads" / str(upload.pk)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def keep(blocks: Iterable[bytes]) -> Kept:
    """Keep the bytes of an original under their SHA-256, as ``keeping.keep`` does."""
    return keeping.keep(blocks, Path(settings.LEDGER) / "originals", original)


def settle(folder: Path) -> None:
    """Bring everything in ``folder``, and the names, onto the disk."""
    for path in (*folder.rglob("*"), folder, folder.parent):
        sync(path)


def emptied(folder: Path) -> Path:
    """Return ``folder``, made anew without what an earlier attempt left in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder
