"""The application as Django knows it."""

from collections.abc import Callable

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate


class AuditsConfig(AppConfig):
    """Oversight's one application."""

    name = "audits"
    verbose_name = "Oversight"

    def ready(self) -> None:
        """Connect what happens after migrations and at sign-in, and the checks of start-up."""
        # Models can be imported only from here on.
        from oversight import arrivals, safety  # noqa: PLC0415

        from . import accounts, tasks  # noqa: F401, PLC0415
        from .trail import triggers  # noqa: PLC0415

        post_migrate.connect(_roles_after_migrate(accounts.install_roles), sender=self, weak=False)
        post_migrate.connect(triggers.after_migrate, sender=self)
        arrivals.connect()
        checks.register(_undeclared_views)
        checks.register(safety.check, checks.Tags.database)
        checks.register(safety.check_roles, checks.Tags.database, deploy=True)


def _roles_after_migrate(install: Callable[[str], None]) -> Callable[..., None]:
    """Return a receiver that installs the roles once the permissions are there."""

    def receive(sender: AppConfig, using: str, **_: object) -> None:
        install(using)

    return receive


def _undeclared_views(app_configs: object, **_: object) -> list[checks.Error]:
    """Return an error for each address whose view does not say who may see it."""
    from .views.permitted import undeclared  # noqa: PLC0415

    return [
        checks.Error(f"{address} does not say who may see it", hint="decorate its view with needs")
        for address in undeclared()
    ]
