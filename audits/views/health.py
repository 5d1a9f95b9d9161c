"""Whether the site answers: for whoever watches it."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from .permitted import open_to_all


@open_to_all
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Say ok once the database answered."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", "text/plain")
