"""Takes a batch back."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser
from typing import Any

import orjson
from django.core.management.base import CommandError

from core.contexts import shell
from core.ingest import summary
from core.ingest.command import FeedCommand, actor
from core.ingest.revert import Reversal, revert_batch
from core.models import BatchState
from core.models.scd2.change import Channel
from core.models.scd2.exceptions import Scd2Error


class Command(FeedCommand):
    """``revert_batch BATCH``: see ``docs/ingestion.md``."""

    help = "Assert again what was believed before a batch, over the periods that it changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("batch", metavar="BATCH", type=int, help="The number of the batch.")
        add("--keep-later", action="store_true", help="Leave what was changed since as it is.")
        add("--dry-run", action="store_true", help="Do everything, then roll it back.")
        add("--reason", default="", metavar="TEXT", help="Why, for history and audit.")
        add("--actor", type=actor, metavar="NAME", help="On whose behalf. Default: who you are.")
        add("--json", action="store_true", help="Print one line of JSON for machines.")

    def handle(self, *args: Any, **options: Any) -> None:
        context = dataclasses.replace(shell(options["reason"]), channel=Channel.INGEST)
        context = dataclasses.replace(context, actor=options["actor"] or context.actor)
        try:
            reversal = revert_batch(
                options["batch"],
                context,
                keep_later=options["keep_later"],
                dry_run=options["dry_run"],
            )
        except Scd2Error as error:
            raise CommandError(str(error)) from error
        self.stdout.write(line(reversal) if options["json"] else table(reversal))


def line(reversal: Reversal) -> str:
    return orjson.dumps(reversal.as_json()).decode()


def table(reversal: Reversal) -> str:
    dry = ", dry run, nothing was written" if reversal.state == BatchState.DRY_RUN else ""
    kept = f"; {reversal.kept:,} later changes were left" if reversal.kept else ""
    headline = (
        f"Batch {reversal.batch}{dry}: batch {reversal.reverted} is taken back{kept}, "
        f"in {reversal.seconds:.1f} s."
    )
    return f"{headline}\n{summary.counts_table(reversal.counts)}"
