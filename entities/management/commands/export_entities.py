"""Writes a snapshot of the register to a file."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date, datetime
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError

from core.contexts import shell
from core.datetimes import asked_until, read_instant_or_day
from core.files import STANDARD_OUTPUT, written
from core.models.scd2.exceptions import Scd2Error
from core.models.scd2.payload import to_json, utc
from entities.exporting import SETTLED, Snapshot, snapshot
from entities.personal import marked_now
from entities.writers import FORMATS, MissingLibrary

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """``export_entities``: see ``docs/ingestion.md``."""

    help = "Write all entities that are valid at an instant, with their details."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--as-of", type=valid, metavar="ISO", help="When they are valid. Default: now.")
        add("--known-at", type=known, metavar="ISO|settled", help="As known then. Default: now.")
        add("--source", metavar="NAME", help="Only those of one feed.")
        add("--format", choices=[*FORMATS], default="jsonl")
        add("--output", default=STANDARD_OUTPUT, metavar="PATH", help="Default: standard output.")
        add("--mask", action="store_true", help="Leave personal data out.")
        add(
            "--for-spreadsheets",
            action="store_true",
            help="CSV: an apostrophe before what looks like a formula. It cannot be read back.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        defused = options["for_spreadsheets"]
        if defused and options["format"] != "csv":
            raise CommandError("--for-spreadsheets is for --format csv.")
        asked = {name: options[name] for name in ("as_of", "known_at", "source", "mask")}
        try:
            with snapshot(**asked) as taken, written(options["output"]) as file:
                trace(taken, options["mask"])
                count = FORMATS[options["format"]](file, taken, defused=defused).write(taken.rows())
        except (MissingLibrary, Scd2Error) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{options['output']} cannot be written: {error.strerror}."
            ) from error
        self.stderr.write(
            f"{count:,} entities as of {to_json(taken.as_of)}, known at {to_json(taken.known_at)}."
        )


def trace(taken: Snapshot, mask: bool) -> None:
    """Leave an event where personal data may be in the file."""
    marked = marked_now()
    if not mask and (marked.names or marked.details):
        log.info(
            "personal_data_exported",
            actor=shell().actor,
            source=taken.source,
            as_of=taken.as_of.isoformat(),
            known_at=taken.known_at.isoformat(),
            fields=sorted(marked.details | ({"display_name"} if marked.names else set())),
        )


def valid(text: str) -> datetime:
    """A timestamp, or the last instant of a day. Raises ArgumentTypeError."""
    try:
        return utc(asked_until(read_instant_or_day(text)))
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def known(text: str) -> datetime | date | str:
    try:
        return text if text == SETTLED else read_instant_or_day(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
