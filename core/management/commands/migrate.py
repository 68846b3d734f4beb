"""Django's migrate, run as the owner of the tables."""

from django.core.management.base import CommandParser
from django.core.management.commands import migrate

from core.models.scd2.autodetector import VersionedAutodetector


class Command(migrate.Command):
    """The application role owns nothing, so migrations run through ``DATABASE_OWNER_URL``."""

    autodetector = VersionedAutodetector

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")
