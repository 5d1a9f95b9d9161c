"""How a file arrives: block by block onto the disk, and no further than the limit."""

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler


class LimitedFile(TemporaryFileUploadHandler):
    """Writes an upload to a temporary file, counting; nobody else's file is taken at all.

    A view says by ``takes_files`` who may send it files and which setting limits them; one that
    says nothing takes none. Cuts the connection at that many bytes, of all files together, and
    marks the request ``cut_off``: what a client says of the length is not believed.
    """

    received = 0
    limit = 0

    def new_file(self, *args, **kwargs) -> None:
        """Begin a file if the view takes files from this person."""
        view = getattr(self.request.resolver_match, "func", None)
        permission, limit = getattr(view, "takes_files", ("", ""))
        if not permission or not self.request.user.has_perm(f"audits.{permission}"):
            self._cut_off()
        self.limit = getattr(settings, limit)
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write one block."""
        self.received += len(raw_data)
        if self.received > self.limit:
            self.file.close()
            self._cut_off()
        super().receive_data_chunk(raw_data, start)

    def _cut_off(self) -> None:
        self.request.cut_off = True
        raise StopUpload(connection_reset=True)
