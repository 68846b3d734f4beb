"""Loads a file of entity types and detail types."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from contextlib import closing, nullcontext
from typing import Any

from django.core.management.base import CommandError

from core.db import as_owner
from core.ingest.asked import format_of
from core.ingest.command import (
    REJECTED,
    UNREADABLE,
    FeedCommand,
    actor,
    context_of,
    instant,
)
from core.ingest.delimited import Dialect, read_csv, separator_of
from core.ingest.jsonl import read_jsonl
from core.ingest.rows import Unreadable
from core.ingest.source import Source
from core.models.scd2 import Result
from core.models.scd2.exceptions import Scd2Error
from entities.models import DetailType
from entities.type_rows import KINDS, TypeRow, TypeRows
from entities.type_services import count_mismatches, types_apply

SHOWN = 10
"""How many rejected rows are shown."""


class Command(FeedCommand):
    """``ingest_types PATH``: see ``docs/ingestion.md``."""

    help = "Load a CSV or JSONL file of entity types and detail types: all of it, or nothing."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("path", metavar="PATH", help="A CSV or JSONL file, plain or gzip'd; - is stdin.")
        add("--format", choices=["csv", "jsonl"], help="Default: by the name of the file.")
        add("--system-time", type=instant, metavar="ISO", help="Backfill, as the owner role.")
        add("--dry-run", action="store_true", help="Do everything, then roll it back.")
        add("--reason", default="", metavar="TEXT", help="Why, for history and audit.")
        add("--actor", type=actor, metavar="NAME", help="On whose behalf. Default: who you are.")
        add("--json", action="store_true", help="Print one line of JSON for machines.")

    def handle(self, *args: Any, **options: Any) -> None:
        form = options["format"] or format_of(options["path"])
        if form is None:
            raise CommandError(f"Say the --format of {options['path']}.")
        try:
            with as_owner() if options["system_time"] else nullcontext():
                rows = self.rows(options["path"], form)
                result = self.apply(rows, options)
                mismatches = mismatches_of(rows, result)
        except Unreadable as error:
            raise CommandError(str(error), returncode=UNREADABLE) from error
        except Scd2Error as error:
            raise CommandError(str(error)) from error
        told = {"read": len(rows), **counts_of(result), "values_not_matching": mismatches}
        self.stdout.write(json.dumps(told) if options["json"] else sentences(told, options))

    def rows(self, path: str, form: str) -> list[TypeRow]:
        """Raises Unreadable, and CommandError if a row is no good."""
        reader = TypeRows()
        with closing(Source(path, form=form)) as source, source.lines() as lines:
            if form == "csv":
                dialect = Dialect(separator_of(lines.first()))
                rows = reader.understood(read_csv(source.name, lines, reader.header, dialect))
            else:
                rows = reader.understood(read_jsonl(source.name, lines))
        for reject in reader.rejected[:SHOWN]:
            self.stderr.write(f"line {reject.line}: {reject.reason}")
        if reader.rejected:
            raise CommandError(
                f"{len(reader.rejected):,} rows were rejected; nothing was loaded.",
                returncode=REJECTED,
            )
        return rows

    def apply(self, rows: list[TypeRow], options: Mapping[str, Any]) -> Result:
        changes = {
            model: [row.change for row in rows if row.model is model] for model in KINDS.values()
        }
        return types_apply(changes, context_of(dict(options)), dry_run=options["dry_run"])


def counts_of(result: Result) -> dict[str, Any]:
    return {f"{kind}s": result.totals[model].as_dict() for kind, model in KINDS.items()}


def mismatches_of(rows: list[TypeRow], result: Result) -> dict[str, int]:
    """By code, how many held values do not match the pattern that a row sets."""
    found: dict[str, int] = {}
    for row in rows:
        change = row.change
        pattern = (change.payload or {}).get("pattern")
        if row.model is DetailType and pattern is not None:
            code, start = change.key["code"], change.valid_from or result.instant
            if count := count_mismatches(code, pattern, start, change.valid_to):
                found[code] = max(count, found.get(code, 0))
    return found


def sentences(told: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    """What was done, for people."""
    lines = [f"{told['read']:,} rows read{', dry run' if options['dry_run'] else ''}."]
    for kind in KINDS:
        counts = ", ".join(f"{count:,} {name}" for name, count in told[f"{kind}s"].items())
        lines.append(f"{kind}: {counts}")
    lines += [
        f"{code}: {count:,} held values do not match the pattern; they stay as they are."
        for code, count in told["values_not_matching"].items()
    ]
    return "\n".join(lines)
