"""Django's makemigrations, which knows versioned models."""

from django.core.management.commands import makemigrations

from core.models.scd2.autodetector import VersionedAutodetector


class Command(makemigrations.Command):
    """Writes RetrackVersioned where the tracked columns of a model change."""

    autodetector = VersionedAutodetector
