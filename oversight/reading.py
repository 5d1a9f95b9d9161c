"""A connection that can only read, for those who only read: the database itself refuses."""

import sqlite3
from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse

from audits.models import Event, Job, SealedText, TrailHead

WRITING = ("audits.upload_records", "audits.decide_flags", "audits.manage_users")
TRAIL = {model._meta.db_table for model in (Event, SealedText, TrailHead)}
READS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_SAVEPOINT,
}
WRITES = {
    sqlite3.SQLITE_INSERT: {*TRAIL, "django_session", Job._meta.db_table},
    sqlite3.SQLITE_UPDATE: {TrailHead._meta.db_table, "django_session"},
    sqlite3.SQLITE_DELETE: {"django_session"},
}
GetResponse = Callable[[HttpRequest], HttpResponse]


class ReadersConnection:
    """Gives a person who may only read a connection that can write the trail and the session.

    A job may be asked for (an export) and not be changed. Pages of one's own account are
    left out: a password is a write. On PostgreSQL the same is done by grants to a role.
    """

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer, the connection being as before afterwards."""
        try:
            return self.get_response(request)
        finally:
            if getattr(request, "reads_only", False):
                _authorize(None)

    def process_view(
        self, request: HttpRequest, view: Callable, args: list, kwargs: dict
    ) -> HttpResponse | None:
        """Restrict the connection before the view runs."""
        if _only_reads(request) and not getattr(view, "writes_own_account", False):
            connection.ensure_connection()
            request.reads_only = True
            _authorize(_allowed)


def _only_reads(request: HttpRequest) -> bool:
    return request.user.is_authenticated and not any(map(request.user.has_perm, WRITING))


def _authorize(decide: Callable | None) -> None:
    if connection.vendor == "sqlite" and connection.connection is not None:
        connection.connection.set_authorizer(decide)


def _allowed(action: int, table: str | None, *_: str | None) -> int:
    """Return SQLite's word for whether a statement may do ``action`` to ``table``."""
    allowed = action in READS or table in WRITES.get(action, ())
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY
