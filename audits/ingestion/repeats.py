"""Whether files were sent before: the same bytes, read the same way, and still in force."""

from django.db.models import Q

from .. import mapping
from ..models import Upload

SETTLED = (Upload.Status.STAGED, Upload.Status.PROMOTING, Upload.Status.PROMOTED)


def noted(uploads: list[Upload]) -> str:
    """Return the refusal of the uploads of one receipt if all repeat earlier ones, else empty.

    Then each names the one it repeats, and its counts say that nothing is new.
    """
    earlier = [_same_files(upload) for upload in uploads]
    if not all(earlier):
        return ""
    for upload, other in zip(uploads, earlier, strict=True):
        settled = other.rejected + other.duplicate
        facts = {
            "repeats": other,
            "read": other.read,
            "rejected": other.rejected,
            "duplicate": other.duplicate,
            "unchanged": other.read - settled,
        }
        Upload.objects.filter(pk=upload.pk).update(**facts)
        upload.refresh_from_db()
    first = earlier[0]
    what = "This is the same file" if len(uploads) == 1 else "These are the same files"
    status = first.get_status_display().lower()
    return f"{what} as upload {first.pk} ({status}); nothing was changed."


def _same_files(upload: Upload) -> Upload | None:
    """Return another upload of these very bytes, read the same way and still in force.

    Of two that are being checked the earlier goes on.
    """
    others = (
        Upload.objects.filter(
            sha256=upload.sha256,
            kind=upload.kind,
            preset=upload.preset,
            mapping_version=upload.mapping_version,
            asked_source=upload.asked_source,
        )
        .filter(Q(pk__lt=upload.pk) | Q(status__in=SETTLED))
        .exclude(Q(pk=upload.pk) | Q(status__in=Upload.ENDED))
        .order_by("-pk")
    )
    bytes_read = _bytes_read(upload)
    return next((other for other in others if _bytes_read(other) == bytes_read), None)


def _bytes_read(upload: Upload) -> dict[str, str]:
    """Return the digests of the files that were read together, by part; empty for one alone."""
    read_parts = {p.name for p in mapping.PRESETS[upload.preset].parts if p.read}
    return {f["part"]: f["sha256"] for f in upload.files if f["part"] in read_parts}
