"""What both peers share: a Django of their own, the rows of a file, and a clock.

Runs in the environment of ``requirements.lock``, where this project is not installed.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

BATCH = 2_000
"""Objects in a statement; larger ones made neither peer faster."""

Row = tuple[str, str, str, dict[str, str]]


def configure(url: str, app: str, *apps: str) -> None:
    import django
    from django.conf import settings

    parts = urlsplit(url)
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", *apps, app],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.path[1:],
                "USER": parts.username,
                "PASSWORD": parts.password,
                "HOST": parts.hostname,
                "PORT": parts.port,
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", "auth", verbosity=0)  # before what refers to it
    call_command("migrate", run_syncdb=True, verbosity=0)


def rows(path: str) -> Iterator[Row]:
    """``(source_id, entity_type, display_name, details)`` of every line."""
    with Path(path).open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            details = {
                name.removeprefix("detail:"): value
                for name, value in row.items()
                if name.startswith("detail:")
            }
            yield row["source_id"], row["entity_type"], row["display_name"], details


def pieces(path: str) -> Iterator[list[Row]]:
    found = rows(path)
    while piece := list(islice(found, BATCH)):
        yield piece


def merge(
    path: str,
    models: tuple[Any, Any],
    create: Callable[[Any, list[Any]], None],
    update: Callable[[Any, list[Any], list[str]], None],
) -> None:
    """Create what is missing and update what differs, a piece at a time.

    Neither peer compares a file with what is stored, so this is what a person would write: what
    did not change is read and left alone.
    """
    entity, detail = models
    for piece in pieces(path):
        known = entity.objects.in_bulk([row[0] for row in piece], field_name="source_id")
        fresh, changed = [], []
        for source_id, entity_type, name, _ in piece:
            one = known.get(source_id)
            if one is None:
                fresh.append(
                    entity(source_id=source_id, entity_type=entity_type, display_name=name)
                )
            elif (one.entity_type, one.display_name) != (entity_type, name):
                one.entity_type, one.display_name = entity_type, name
                changed.append(one)
        create(entity, fresh)
        update(entity, changed, ["entity_type", "display_name"])
        merge_details(
            piece, {**known, **{one.source_id: one for one in fresh}}, detail, create, update
        )


def merge_details(piece: list[Row], known: Any, detail: Any, create: Any, update: Any) -> None:
    held = {
        (one.entity_id, one.code): one
        for one in detail.objects.filter(entity__in=[known[row[0]].pk for row in piece])
    }
    fresh, changed = [], []
    for source_id, _, _, details in piece:
        owner = known[source_id].pk
        for code, value in details.items():
            one = held.get((owner, code))
            if one is None:
                fresh.append(detail(entity_id=owner, code=code, value=value))
            elif one.value != value:
                one.value = value
                changed.append(one)
    create(detail, fresh)
    update(detail, changed, ["value"])


def run(load: Callable[[str], None], diff: Callable[[Any, Any], int]) -> None:
    """Load each file of the command line, then compare; prints JSON.

    Every statement commits, as both libraries do unless they are told otherwise.
    """
    from django.db import connection
    from django.utils import timezone

    first, again, day = sys.argv[2:5]
    seconds: dict[str, float] = {}
    for name, path in (("first load", first), ("repeat", again), ("5 % day", day)):
        before = timezone.now()
        began = time.perf_counter()
        load(path)
        seconds[name] = time.perf_counter() - began
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as autovacuum would have done by the next night
    began = time.perf_counter()
    changes = diff(before, timezone.now())
    seconds["diff"] = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "changes": changes}))
