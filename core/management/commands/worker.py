"""Runs uploaded files."""

import asyncio
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

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
        asyncio.run(work(options["alive_file"]))
