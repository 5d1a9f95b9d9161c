"""The site in a process of its own, with a worker: ``python -m tests.browser.site FOLDER``.

Prints its port on one line once it answers, and ends when its standard input is closed.
"""

import os
import sys
import threading

import django

SETTINGS = "tests.browser.site_settings"


def main(folder: str) -> None:
    """Make the tables, the people and the records, then serve until nobody listens."""
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

    from audits import jobs  # noqa: PLC0415

    call_command("migrate", run_syncdb=True, verbosity=0)
    fill()
    worker = threading.Thread(target=jobs.work_on, args=(jobs.QUEUES, str), daemon=True)
    worker.start()
    WSGIRequestHandler.log_message = lambda *_: None
    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    os._exit(0)


def fill() -> None:
    """Make one person a role and uploads in each state that has a page of its own look."""
    from audits.models import Source  # noqa: PLC0415

    from ..people import ROLES, person  # noqa: PLC0415
    from ..prescription_files import checked, prescriptions, promoted  # noqa: PLC0415

    for role in ROLES:
        person(role)
    person("administrator", "second")
    promoted(checked(prescriptions(40), "january.csv"))
    Source.objects.update(synthetic=True)
    wrong = {"patient_id": {2: ""}, "filled_date": {2: "31/02/2026", 3: "soon"}}
    checked(prescriptions(60, days_supply={7: "0"}, **wrong), "february.csv")
    checked(b"a,b\n1,2\n", "notes.csv")
    other = {"quantity": {1: "77", 2: "78", 3: "79"}, "patient_id": {2: "pat-2"}}
    promoted(checked(prescriptions(4, **other), "again.csv"))


if __name__ == "__main__":
    main(sys.argv[1])
