"""Check every invariant of the versioned tables and the log again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from core.checks import versioned_models
from core.db import one_snapshot
from core.models.scd2.verify import Finding, checks_of, settle_plans


class Command(BaseCommand):
    """``manage.py verify``: exit 0 if all is well, 1 with one line for each thing that is not."""

    help = "Check every invariant of the versioned tables and the log again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-progress", action="store_true", help="Print findings only.")

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = options["no_progress"] or not sys.stderr.isatty()
        # From one snapshot: rows and log belong together while others go on writing.
        with one_snapshot(), progress_bar(quiet=quiet) as progress:
            settle_plans()
            found = sum(1 for _ in self.findings(progress))
        if found:
            findings = "1 finding" if found == 1 else f"{found} findings"
            raise CommandError(f"{findings}: the database is not as the engine left it.")
        self.stdout.write("Verified: nothing is wrong.")

    def findings(self, progress: Progress) -> Iterator[Finding]:
        """Everything that is wrong, written out as it is found."""
        for model in versioned_models():
            for check in checks_of(model.shape):
                task = progress.add_task(f"{model._meta.label}: {check.name}", total=1)
                for finding in check.find():
                    self.stdout.write(f"{finding.model}: {finding.problem}: {finding.where}")
                    yield finding
                progress.update(task, completed=1)


def progress_bar(*, quiet: bool) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=quiet,
    )
