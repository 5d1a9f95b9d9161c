"""Bytes kept by their digest: streamed, whole and on the disk, and never written again."""

import hashlib
import os
import tempfile
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

BLOCK = 1 << 20
LONGEST_NAME = 255


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Bytes that are safely on the disk, under their own digest."""

    sha256: str
    size: int
    path: Path


def keep(blocks: Iterable[bytes], root: Path, place: Callable[[str], Path]) -> Kept:
    """Keep the bytes somewhere below ``root``, whole and on the disk before this returns.

    ``place`` gives the path for their SHA-256, 64 hex digits. The same bytes are kept once;
    the file can be read by its owner only and written by nobody. What ``blocks`` raises goes
    on up, and nothing is left.
    """
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
    path = place(digest.hexdigest())
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    arriving.chmod(0o400)
    arriving.replace(path)
    for folder in path.parents:
        sync(folder)
        if folder == root:
            break
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


def displayable(name: str) -> str:
    """Return a file's name for showing: the last part, without control and direction marks."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    return kept.strip()[:LONGEST_NAME] or "unnamed"
