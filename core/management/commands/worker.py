"""Runs uploaded files."""

import asyncio
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError

from core.checks import pending_migrations
from core.local.sentences import LACKS_MIGRATIONS
from core.worker import work


class Command(BaseCommand):
    """``worker [--alive-file PATH]``: until SIGTERM or Ctrl-C; several may run side by side."""

    help = "Run the batches of the queue, one at a time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--alive-file",
            type=Path,
            metavar="PATH",
            help="Touched every few seconds as long as the worker and its database are well.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # A database that is away is waited for; one without tables would be waited for in vain.
        with suppress(DatabaseError, InterfaceError):
            if pending_migrations():
                raise ImproperlyConfigured(LACKS_MIGRATIONS)
        asyncio.run(work(options["alive_file"]))
