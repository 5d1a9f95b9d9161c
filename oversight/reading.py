"""A connection that can only read, for those who only read: the database itself refuses."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.http import HttpRequest, HttpResponse

from .rights import AUDITOR, READER

WRITING = tuple(
    f"audits.{name}"
    for name in (
        "upload_records",
        "decide_flags",
        "manage_users",
        "map_drugs",
        "approve_drugs",
        "manage_reference",
    )
)
READS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_SAVEPOINT,
}
WRITES = {
    sqlite3.SQLITE_INSERT: READER["INSERT"],
    sqlite3.SQLITE_UPDATE: READER["UPDATE"],
    sqlite3.SQLITE_DELETE: READER["DELETE"],
}
GetResponse = Callable[[HttpRequest], HttpResponse]


class ReadersConnection:
    """Gives a person who may only read a connection that can write the trail and the session.

    A job may be asked for (an export) and not be changed. Pages of one's own account are
    left out: a password is a write.
    """

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer, the connection being as before afterwards."""
        with ExitStack() as request.restriction:
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: list, kwargs: dict
    ) -> HttpResponse | None:
        """Restrict the connection before the view runs."""
        if _only_reads(request) and not getattr(view, "writes_own_account", False):
            request.restriction.enter_context(restricted())


@contextmanager
def restricted() -> Iterator[None]:
    """Let this thread read, and write what ``READER`` lists; all else the database refuses.

    Raises ImproperlyConfigured on PostgreSQL where no connection of an auditor is set.
    """
    with _authorized() if connection.vendor == "sqlite" else _by_another_role():
        yield


def _only_reads(request: HttpRequest) -> bool:
    return request.user.is_authenticated and not any(map(request.user.has_perm, WRITING))


@contextmanager
def _authorized() -> Iterator[None]:
    connection.ensure_connection()
    connection.connection.set_authorizer(_allowed)
    try:
        yield
    finally:
        if connection.connection is not None:
            connection.connection.set_authorizer(None)


@contextmanager
def _by_another_role() -> Iterator[None]:
    """Put the auditor's connection in the place of the usual one, for this thread.

    A role that signs in by itself: one that is only put on could be taken off by the same
    statement that means harm.
    """
    if AUDITOR not in connections.settings:
        raise ImproperlyConfigured("set OVERSIGHT_AUDITOR_DATABASE_URL for those who only read")
    usual = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[AUDITOR]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = usual


def _allowed(action: int, table: str | None, *_: str | None) -> int:
    """Return SQLite's word for whether a statement may do ``action`` to ``table``."""
    allowed = action in READS or table in WRITES.get(action, ())
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY
