"""Who may see a page: declared on its view, looked at before the view runs."""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

View = Callable[..., HttpResponse]
ANYBODY_SIGNED_IN = ("signed in",)
EVERYBODY = ("everybody",)


def needs(*permissions: str) -> Callable[[View], View]:
    """Return a decorator that lets only those pass who hold one of ``permissions``.

    Names are those of ``User.Meta``, without the application.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def permitted(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not may(request.user, *permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        permitted.declared = permissions
        return permitted

    return declare


def takes_files(permission: str, limit: str) -> Callable[[View], View]:
    """Return a decorator that lets who holds ``permission`` send files to a view.

    ``limit`` is the setting that says how many bytes all files of one request may have
    together. Other views take no files: ``oversight.uploading`` asks before the body is read.
    """

    def declare(view: View) -> View:
        view.takes_files = (permission, limit)
        return view

    return declare


def may(user: object, *permissions: str) -> bool:
    """Return whether ``user`` holds one of ``permissions``."""
    return any(user.has_perm(f"audits.{permission}") for permission in permissions)


def signed_in(view: View) -> View:
    """Declare that whoever is signed in may see ``view``."""
    view.declared = ANYBODY_SIGNED_IN
    return view


def open_to_all(view: View) -> View:
    """Declare that ``view`` is for everybody, signed in or not."""
    view = login_not_required(view)
    view.declared = EVERYBODY
    return view


def own_account(view: View) -> View:
    """Declare a page about one's own account, which it may write, second factor or not."""
    view = signed_in(view)
    view.writes_own_account = True
    view.before_second_factor = True
    return view


def addresses(
    patterns: Iterable[URLPattern | URLResolver] | None = None, before: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Yield every address of the site with its pattern."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, here)
        else:
            yield here, pattern


def undeclared() -> list[str]:
    """Return the addresses whose view does not say who may see it."""
    return [
        address for address, pattern in addresses() if not hasattr(pattern.callback, "declared")
    ]
