"""Writes the audit log, or a part of it, to a file."""

from __future__ import annotations

import csv
import io
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable
from datetime import datetime
from typing import IO, Any
from uuid import UUID

import orjson
import structlog
from django.core.management.base import BaseCommand, CommandError

from core.contexts import shell
from core.datetimes import asked_from, asked_until, read_instant_or_day
from core.db import one_snapshot
from core.files import STANDARD_OUTPUT, defused, written
from core.models.audit_reader import (
    COLUMNS,
    SOURCE,
    LogFilter,
    Row,
    as_seen,
    log_rows,
    with_sources,
)
from core.personal import Sight, sight_of_shell

log = structlog.get_logger(__name__)

HEADER = (*COLUMNS, *SOURCE, "masked")


class Command(BaseCommand):
    """``export_audit``: see ``docs/pii.md``."""

    help = "Write the audit log, oldest entry first, without what is personal data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--entity", type=UUID, metavar="UUID", help="Only entries about one thing.")
        add("--actor", metavar="NAME")
        add("--request-id", metavar="ID")
        add("--batch", metavar="BATCH")
        add("--from", dest="from_", type=first, metavar="ISO", help="The first system instant.")
        add("--to", type=last, metavar="ISO", help="The last one; a date is its whole day.")
        add("--format", choices=[*FORMATS], default="jsonl")
        add("--output", default=STANDARD_OUTPUT, metavar="PATH", help="Default: standard output.")
        add(
            "--with-personal-data",
            action="store_true",
            help="Write personal data, too. That is logged.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("actor", "request_id", "batch", "from_", "to")
        filters = LogFilter(uuid=options["entity"], **{name: options[name] for name in names})
        try:
            with one_snapshot(), written(options["output"]) as file:
                sight = sight_of_shell(open_=options["with_personal_data"])
                entries = with_sources(as_seen(sight, log_rows(filters)))
                count = FORMATS[options["format"]](file, entries)
        except OSError as error:
            raise CommandError(
                f"{options['output']} cannot be written: {error.strerror}."
            ) from error
        trace(sight, filters)
        self.stderr.write(f"{count:,} entries.")


def trace(sight: Sight, filters: LogFilter) -> None:
    """Leave an event where personal data may be in the file."""
    if not sight.closed and any(mask.codes for mask in sight.marked.values()):
        asked = {name: str(value) for name, value in filters.parameters().items() if value}
        log.info(
            "personal_data_exported", actor=shell().actor, model="core.auditentry", asked=asked
        )


def to_jsonl(file: IO[bytes], entries: Iterable[Row]) -> int:
    """One entry a line. Returns how many."""
    count = 0
    for entry in entries:
        count += 1
        file.write(orjson.dumps(entry, default=str, option=orjson.OPT_UTC_Z) + b"\n")
    return count


def to_csv(file: IO[bytes], entries: Iterable[Row]) -> int:
    """For people: what a spreadsheet would take for a formula stands behind an apostrophe."""
    count = 0
    text = io.TextIOWrapper(file, "utf-8", newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(HEADER)
    for entry in entries:
        count += 1
        table.writerow([defused(cell_of(entry[name])) for name in HEADER])
    text.flush()
    text.detach()
    return count


def cell_of(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, datetime | dict | list):
        written = orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z).decode()
        return written.strip('"') if isinstance(value, datetime) else written
    return str(value)


FORMATS = {"jsonl": to_jsonl, "csv": to_csv}


def first(text: str) -> datetime:
    """A timestamp, or the first instant of a day. Raises ArgumentTypeError."""
    try:
        return asked_from(read_instant_or_day(text))
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def last(text: str) -> datetime:
    """A timestamp, or the last instant of a day. Raises ArgumentTypeError."""
    try:
        return asked_until(read_instant_or_day(text))
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
