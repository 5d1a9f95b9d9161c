"""Where a loaded reference table is gone or altered, pages say which and what to do."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from audits.editions import EditionError

UNAVAILABLE = 503
GetResponse = Callable[[HttpRequest], HttpResponse]


class MissingTables:
    """Answers what nobody else has answered: the sentence of the fault, instead of a number."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep what comes after."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on; faults come by ``process_exception``."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """Return a page for an EditionError, None for any other fault."""
        if not isinstance(fault, EditionError):
            return None
        return render(request, "audits/missing_table.html", {"fault": fault}, status=UNAVAILABLE)
