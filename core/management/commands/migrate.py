"""Django's migrate, run as the owner of the tables."""

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate

from core.models.scd2.autodetector import VersionedAutodetector


class Command(migrate.Command):
    """The application role owns nothing, so migrations run through ``DATABASE_OWNER_URL``."""

    autodetector = VersionedAutodetector

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def check(self, *args: Any, databases: Any = None, **options: Any) -> None:
        """Without the checks of the database: they say that it lacks what this brings."""
        super().check(*args, **options)
