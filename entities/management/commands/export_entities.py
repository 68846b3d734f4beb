"""Writes a snapshot of the entities to a file."""

from core.registers.export.command import ExportCommand
from entities.register import ENTITIES


class Command(ExportCommand):
    """``export_entities``: see ``docs/ingestion.md``."""

    help = "Write all entities that are valid at an instant, with their details."
    register = ENTITIES
