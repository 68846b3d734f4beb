"""Loads a file of entities."""

from core.ingest.command import IngestCommand
from entities.vouching import EntityFeed


class Command(IngestCommand):
    """``ingest_entities PATH [--source NAME] …``: see ``docs/ingestion.md``."""

    help = "Load a CSV or JSONL file of entities: all of it at once, or nothing."
    rows = EntityFeed
