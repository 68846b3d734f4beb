"""Who may come in: users, tokens and roles. The label differs from Django's own ``auth``."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuthConfig(AppConfig):
    """Users, tokens and roles."""

    name = "auth"
    label = "cockpit_auth"
    verbose_name = "Access"
    chores = (
        "auth.housekeeping.expired_tokens",
        "auth.housekeeping.expired_sessions",
        "auth.housekeeping.old_login_failures",
    )

    def ready(self) -> None:
        from auth.grants import grant_roles

        post_migrate.connect(grant_roles, dispatch_uid="cockpit_auth.grant_roles")
