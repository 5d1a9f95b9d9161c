"""How a list answers: the whole page, or the fragment that htmx asked for, at one address."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def page_or_fragment(request: HttpRequest, template: str, context: dict) -> HttpResponse:
    """Return ``template``, or only its table where a part of the page is to be replaced."""
    wanted = "audits/_list.html" if request.headers.get("HX-Target") == "list" else template
    return render(request, wanted, context)


def whole(text: str | None) -> int:
    """Return the whole number that an address names, 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 15 else 0
