"""A site with flags in a process of its own: ``python -m tests.browser.flags_site FOLDER``.

With ``clinic`` after the folder it holds the records of tests.dossier_fixtures, with
``practices`` those of tests.peer_fixtures, else those of tests.flag_fixtures. Prints its port
on one line once it answers, and ends when its standard input is closed.
"""

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import django

OFFICERS = ("ada", "bo")


def fill(folder: Path, filled: str = "house") -> None:
    """Raise flags by the real path and make the people."""
    from ..dossier_fixtures import fill_clinic  # noqa: PLC0415
    from ..flag_fixtures import fill_house  # noqa: PLC0415
    from ..peer_fixtures import fill_practices  # noqa: PLC0415
    from ..people import person  # noqa: PLC0415

    fillings = {"house": fill_house, "clinic": fill_clinic, "practices": fill_practices}
    fillings[filled](folder)
    for name in OFFICERS:
        person("compliance officer", name)
    person("auditor", "eve")


def serve(folder: str, prepare: Callable[[Path], None]) -> None:
    """Make the tables, let ``prepare`` fill them, then serve until nobody listens."""
    os.environ.update(
        OVERSIGHT_VAR=folder,
        OVERSIGHT_DEMO="1",
        DJANGO_SETTINGS_MODULE="tests.browser.site_settings",
    )
    django.setup()
    # What is imported from here on has models in it.
    from django.core.management import call_command  # noqa: PLC0415
    from django.core.servers.basehttp import (  # noqa: PLC0415
        ThreadedWSGIServer,
        WSGIRequestHandler,
    )
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

    call_command("migrate", run_syncdb=True, verbosity=0)
    prepare(Path(folder))
    WSGIRequestHandler.log_message = lambda *_: None
    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    place, *filled = sys.argv[1:]
    serve(place, lambda folder: fill(folder, *filled))
