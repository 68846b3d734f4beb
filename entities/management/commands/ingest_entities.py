"""Loads a file of entities."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError

from core.ingest.command import FULL, IngestCommand
from core.ingest.door import Door
from core.models.scd2.change import Future
from entities.ingest import EntityRows


class Command(IngestCommand):
    """``ingest_entities PATH [--source NAME] …``: see ``docs/ingestion.md``."""

    help = "Load a CSV or JSONL file of entities: all of it at once, or nothing."
    recorded = ("source", *IngestCommand.recorded)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--source", metavar="NAME", help="The feed whose source_id names the rows."
        )

    def scope(self, options: dict[str, Any]) -> Mapping[str, Any]:
        if options["source"] is None:
            raise CommandError("--mode full needs the --source of which the file is all there is.")
        return {"source": options["source"]}

    def door(self, options: dict[str, Any]) -> Door:
        return EntityRows(
            source=options["source"],
            effective=options["effective"],
            future=Future(options["future"]),
            whole=options["mode"] == FULL,
        )
