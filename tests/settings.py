"""The product's settings in an empty folder: no test sees or touches a developer's data.

Named by ``--ds`` in pyproject.toml, for settings are read before any conftest. Children
of the tests read ``oversight.settings`` and find the folder in the environment.
"""

import atexit
import os
import shutil
import tempfile

OF_TESTS = ("OVERSIGHT_ALL", "OVERSIGHT_TEST_POSTGRES")
OWNER = os.getpid()

for name in list(os.environ):
    if name == "DATABASE_URL" or (name.startswith("OVERSIGHT_") and name not in OF_TESTS):
        del os.environ[name]
os.environ["OVERSIGHT_VAR"] = tempfile.mkdtemp(prefix="oversight-")
os.environ["DJANGO_SETTINGS_MODULE"] = "oversight.settings"

from oversight.settings import *  # noqa: E402, F403


@atexit.register
def _remove() -> None:
    if os.getpid() == OWNER:
        shutil.rmtree(os.environ["OVERSIGHT_VAR"], ignore_errors=True)
