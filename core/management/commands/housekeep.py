"""Removes what is only kept for a while."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.housekeeping import chores, done


class Command(BaseCommand):
    """``manage.py housekeep [--dry-run]``: one line for each kind of thing, and how many.

    Run it once a day. Every kind is removed in a transaction of its own.
    """

    help = "Remove expired tokens, sessions and whatever else is only kept for a while."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count, and remove nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run: bool = options["dry_run"]
        for chore in chores():
            number = done(chore, dry_run=dry_run)
            what = chore.__name__.replace("_", " ")
            self.stdout.write(f"{what}: {number} {'would be removed' if dry_run else 'removed'}")
