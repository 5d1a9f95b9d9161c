"""Lists: a table over a queryset, paged by key, the same at one address as page and fragment."""

from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest
from django_tables2 import RequestConfig

from .keyset import KeysetRows

__all__ = ["KeysetRows", "Listed", "listed"]

CURSOR = "at"


class Listed(tables.Table):
    """The base of all lists: ``caption`` names the rows for a screen reader.

    ``empty_text`` says which kind of emptiness it is and what the next step is.
    """

    caption = "Rows"

    class Meta:
        attrs = {"class": "table"}
        template_name = "audits/_table.html"
        order_by_field = "sort"


def listed(request: HttpRequest, table: type[Listed], queryset: QuerySet, **more: Any) -> Listed:
    """Return ``table`` over the page of ``queryset`` that the request's address names."""
    rows = KeysetRows(queryset, cursor=request.GET.get(CURSOR, ""))
    made = table(rows, **more)
    return RequestConfig(request, paginate=False).configure(made)
