"""The command line of an export; an app's command names its register."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date, datetime
from typing import Any, ClassVar

import structlog
from django.core.management.base import BaseCommand, CommandError

from core.contexts import shell
from core.datetimes import asked_until, read_instant_or_day
from core.files import STANDARD_OUTPUT, written
from core.models.scd2.exceptions import Scd2Error
from core.models.scd2.payload import to_json, utc
from core.registers.export.formats import FORMATS, MissingLibrary
from core.registers.export.snapshot import SETTLED, Snapshot, snapshot
from core.registers.read.fragments import marked_now
from core.registers.register import Register

log = structlog.get_logger(__name__)


class ExportCommand(BaseCommand):
    """Writes a snapshot of ``register`` to a file: see ``docs/ingestion.md``."""

    register: ClassVar[Register]

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--as-of", type=valid, metavar="ISO", help="When they are valid. Default: now.")
        add("--known-at", type=known, metavar="ISO|settled", help="As known then. Default: now.")
        if "source" in self.register.identity:
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
        wanted = {name: options.get(name) for name in ("as_of", "known_at", "source")}
        mask = options["mask"]
        try:
            with (
                snapshot(self.register, **wanted, mask=mask) as taken,
                written(options["output"]) as file,
            ):
                trace(taken, mask)
                count = FORMATS[options["format"]](file, taken, defused=defused).write(taken.rows())
        except (MissingLibrary, Scd2Error) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{options['output']} cannot be written: {error.strerror}."
            ) from error
        plural = self.register.model._meta.verbose_name_plural
        self.stderr.write(
            f"{count:,} {plural} as of {to_json(taken.as_of)}, known at {to_json(taken.known_at)}."
        )


def trace(taken: Snapshot, mask: bool) -> None:
    """Leave an event where personal data may be in the file."""
    marked, pii = marked_now(taken.register), taken.register.pii
    if mask or not (marked.hides_names or marked.details):
        return
    columns = {pii.column} if pii and marked.hides_names else set()
    log.info(
        "personal_data_exported",
        actor=shell().actor,
        source=taken.source,
        as_of=taken.as_of.isoformat(),
        known_at=taken.known_at.isoformat(),
        fields=sorted(marked.details | columns),
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
