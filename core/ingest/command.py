"""The command line of an ingestion; an app's command adds its door."""

from __future__ import annotations

import dataclasses
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError

from core.contexts import shell
from core.datetimes import asked_from, read_instant_or_day, read_start
from core.ingest import summary
from core.ingest.asked import Asked, Mode, format_of
from core.ingest.door import Door
from core.ingest.full import DEFAULT_LIMIT, Limit
from core.ingest.json_lines import Unwritable
from core.ingest.rows import Unreadable
from core.ingest.run import Job, Report, ingest
from core.ingest.timelines import Timelines
from core.models import BatchState
from core.models.scd2.change import Channel, Context, Future
from core.models.scd2.exceptions import Scd2Error
from core.models.scd2.mapper import domain_error

REJECTED, UNREADABLE, BRAKED, NOT_ENDED = 2, 3, 4, 5
"""Exit codes besides 0, and 1 for what was refused or asked for wrongly."""


class FeedCommand(BaseCommand):
    """A command of a nightly run, which goes by the exit codes above."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # argparse would exit with 2, which here means that rows were rejected.
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.error = lambda message: parser.exit(1, f"{parser.prog}: {message}\n")  # type: ignore[method-assign]
        return parser


class IngestCommand(FeedCommand):
    """Loads a file; ``rows`` is the app's door."""

    rows: ClassVar[type[Door]]
    # As of migrate: they look at the code, and take longer than many a file.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("path", metavar="PATH", help="A CSV or JSONL file, plain or gzip'd; - is stdin.")
        add("--source", metavar="NAME", help="The feed whose source_id names the rows.")
        add("--new-source", action="store_true", help="A source much like a known one is meant.")
        add("--format", choices=["csv", "jsonl"], help="Default: by the name of the file.")
        add(
            "--delimiter", metavar="C", help="Of a CSV's cells. Default: by its header, , ; or tab."
        )
        add("--encoding", metavar="NAME", help="Of the text, as Python names it. Default: utf-8.")
        add("--effective", type=instant, metavar="ISO", help="valid_from of rows without one.")
        add(
            "--mode",
            choices=list(map(str, Mode)),
            default=Mode.DELTA.value,
            help="full: what it lacks is ended.",
        )
        add(
            "--max-ended",
            type=limit,
            metavar="N|P%",
            help=f"How many a full file may end by not naming them. Default: {DEFAULT_LIMIT}%.",
        )
        add(
            "--max-corrected",
            type=limit,
            metavar="N|P%",
            help="How many of its source a full file may rewrite the past of. "
            f"Default: {DEFAULT_LIMIT}%.",
        )
        add(
            "--future",
            choices=[future.value for future in Future],
            help="How far a row without valid_to reaches. Default: keep.",
        )
        add(
            "--whole-timelines",
            action="store_true",
            help="The rows of a thing are all of its timeline; the rest of it is retracted.",
        )
        add(
            "--inclusive-ends",
            action="store_true",
            help="A bare date in valid_to is the last day on which the row holds.",
        )
        add(
            "--last-wins",
            action="store_true",
            help="Of several rows of a thing with one start, the last counts.",
        )
        add("--dry-run", action="store_true", help="Do everything, then roll it back.")
        add("--strict", action="store_true", help="Load nothing if any row is rejected.")
        add("--rejects", metavar="PATH", help="Where to write the rows that were rejected.")
        add(
            "--report", metavar="PATH", help="Where to write what is ended, corrected or overtaken."
        )
        add(
            "--system-time", type=system_instant, metavar="ISO", help="Backfill, as the owner role."
        )
        add("--initial", action="store_true", help="Faster, into empty tables, as the owner role.")
        add("--reason", default="", metavar="TEXT", help="Why, for history and audit.")
        add("--actor", type=actor, metavar="NAME", help="On whose behalf. Default: who you are.")
        add("--json", action="store_true", help="Print one line of JSON for machines.")
        add("--no-progress", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        report = self.ingested(options)
        self.stdout.write(summary.line(report) if options["json"] else summary.table(report))
        if report.error:
            raise CommandError(report.error, returncode=BRAKED)
        held_back = report.not_ended and report.state != BatchState.REFUSED
        if report.rejected:
            code = NOT_ENDED if held_back else REJECTED
            raise CommandError(rejected(report, options["json"]), returncode=code)

    def ingested(self, options: dict[str, Any]) -> Report:
        try:
            asked = asked_by(options)
            return ingest(self.job(asked, options), lambda: self.rows.asked(asked))
        except Unreadable as error:
            raise CommandError(str(error), returncode=UNREADABLE) from error
        except (Unwritable, Scd2Error) as error:
            raise CommandError(str(error)) from error
        except (DatabaseError, InterfaceError) as error:
            mapped = domain_error(error)
            if mapped is None:
                raise
            raise CommandError(str(mapped)) from error

    def job(self, asked: Asked, options: dict[str, Any]) -> Job:
        refuse_same(options)
        return Job(
            path=options["path"],
            form=asked.format,
            context=context_of(options),
            options=asked.as_json(),
            strict=asked.strict,
            dry_run=asked.dry_run,
            initial=asked.initial,
            rejects=options["rejects"],
            effective=asked.effective,
            encoding=asked.encoding,
            separator=asked.delimiter,
            report=options["report"],
            progress=not options["no_progress"] and sys.stderr.isatty(),
            say=self.stderr.write,
            full=self.rows.full(asked),
            timelines=Timelines() if asked.whole_timelines else None,
            last_wins=asked.last_wins,
        )


def rejected(report: Report, as_json: bool) -> str:
    """The table tells by itself what a full file did not end; a line for machines cannot."""
    said = f"{report.rejected:,} of {report.read:,} rows were rejected."
    return f"{said} {report.sentence}" if as_json and report.sentence else said


def asked_by(options: dict[str, Any]) -> Asked:
    """Raises CommandError and InvalidChange."""
    given = {field.name: options[field.name] for field in dataclasses.fields(Asked)}
    form = given["format"] or format_of(options["path"])
    if form is None:
        raise CommandError(
            f"Say the --format of {options['path']}: its name ends in none that is known."
        )
    future = given["future"] and Future(given["future"])
    return Asked(**given | {"format": form, "mode": Mode(given["mode"]), "future": future})


def context_of(options: dict[str, Any]) -> Context:
    context = dataclasses.replace(shell(options["reason"]), channel=Channel.INGEST)
    return dataclasses.replace(
        context,
        actor=options["actor"] or context.actor,
        system_instant=options["system_time"],
    )


def refuse_same(options: dict[str, Any]) -> None:
    """Raises CommandError: a file would be emptied before it is read, or written twice."""
    for name in ("rejects", "report"):
        if options[name] and is_same(options["path"], options[name]):
            raise CommandError(f"--{name} names the file that is to be loaded.")
    if options["rejects"] and options["report"] and is_same(options["rejects"], options["report"]):
        raise CommandError("--rejects and --report name one file; give each its own.")


def is_same(one: str, other: str) -> bool:
    first, second = Path(one), Path(other)
    if first.exists() and second.exists():
        return first.samefile(second)
    return first.absolute() == second.absolute()


def instant(text: str) -> datetime:
    """A start of valid time: a timestamp, or a day, which begins with its first instant.

    Raises ArgumentTypeError.
    """
    return read(text, read_start)


def system_instant(text: str) -> datetime:
    """As ``instant``, of system time."""
    return read(text, lambda given: asked_from(read_instant_or_day(given)))


def read(text: str, reader: Callable[[str], datetime]) -> datetime:
    try:
        return reader(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def limit(text: str) -> Limit:
    try:
        return Limit.parse(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def actor(text: str) -> str:
    if not text.strip():
        raise ArgumentTypeError("a name is needed")
    return text
