"""The site as a demonstration, its tables made from the models: for the browser's process."""

from oversight.settings import *  # noqa: F403
from oversight.settings import INSTALLED_APPS

MIGRATION_MODULES = {name.rsplit(".", 1)[-1]: None for name in INSTALLED_APPS}
