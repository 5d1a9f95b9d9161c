"""The door for a WSGI server; it stays shut while the database is not safe to serve from."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oversight.settings")
application = get_wsgi_application()

from . import safety  # noqa: E402 - it needs the applications

safety.refuse_unless_safe()
