"""Where the bytes of an upload and what was made of them are kept."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from ..models import Upload

BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Bytes that are safely on the disk, under their own digest."""

    sha256: str
    size: int
    path: Path


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
    """Keep the bytes under their SHA-256, whole and on the disk before this returns.

    The same bytes are kept once; the file can be read by its owner only and written by nobody.
    """
    root = Path(settings.LEDGER) / "originals"
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=root, prefix="arriving-", delete=False) as file:
        arriving = Path(file.name)
        try:
            for block in blocks:
                digest.update(block)
                size += len(block)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            arriving.unlink()
            raise
    path = original(digest.hexdigest())
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    arriving.chmod(0o400)
    arriving.replace(path)
    for place in (path.parent, path.parent.parent, root):
        sync(place)
    return Kept(sha256=digest.hexdigest(), size=size, path=path)


def blocks_of(path: Path) -> Iterable[bytes]:
    """Yield the bytes of a file in blocks."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def sync(path: Path) -> None:
    """Make a file, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def settle(folder: Path) -> None:
    """Bring every file right in ``folder``, and their names, onto the disk."""
    for path in folder.iterdir():
        if path.is_file():
            sync(path)
    sync(folder)
    sync(folder.parent)


def emptied(folder: Path) -> Path:
    """Return ``folder``, made anew without what an earlier attempt left in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder
