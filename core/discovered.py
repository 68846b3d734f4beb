"""Django's admin, whose pages are discovered by whoever serves or checks them.

A command needs none of them, and to import them takes a good part of the start of every process.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class DiscoveredAdminConfig(SimpleAdminConfig):
    """Checks what Django's own configuration checks."""

    def ready(self) -> None:
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(check_discovered, checks.Tags.admin)


def check_discovered(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """``check_admin_app`` of all there is."""
    from django.contrib import admin

    admin.autodiscover()
    return check_admin_app(app_configs, **kwargs)
