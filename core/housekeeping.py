"""What is only kept for a while, and who removes it.

An app says so on its AppConfig: ``chores`` names functions by their dotted path. Each is called
as ``chore(dry_run=…)`` in a transaction of its own and returns how many things it removed or,
``dry_run``, would remove. Its name, read as words, is what ``manage.py housekeep`` prints.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from django.apps import apps
from django.db import transaction
from django.utils.module_loading import import_string


class Chore(Protocol):
    """Removes what has had its time."""

    __name__: str

    def __call__(self, *, dry_run: bool) -> int: ...


def chores() -> Iterator[Chore]:
    """Those of every installed app, in the order of the apps."""
    for app in apps.get_app_configs():
        for path in getattr(app, "chores", ()):
            yield import_string(path)


def done(chore: Chore, *, dry_run: bool) -> int:
    """How many things a chore removed, all or none."""
    with transaction.atomic():
        return chore(dry_run=dry_run)
