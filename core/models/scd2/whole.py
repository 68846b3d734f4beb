"""Loads whose rows are whole timelines: what they do not cover is staged to be retracted.

What others write while such a load waits is newer than the load, and stays.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from psycopg import sql

from core.models.scd2.sql import columns
from core.models.scd2.staging import Load, key_equal


def keep_last(load: Load, *, rows: bool) -> None:
    """Leave the last of the Changes of a key with one start; of whole ``rows``, the last row."""
    with connection.cursor() as cursor:
        if rows:
            own = load.models[load.container]
            cursor.execute(own.statement("last_of_start_rows"))
            load.remove([ordinal for (ordinal,) in cursor.fetchall()])
            return
        for shape, model in load.models.items():
            key = columns(shape.key, of="other")
            cursor.execute(model.statement("last_of_start", other_key=key))


def overlapping(load: Load) -> set[int]:
    """Ordinals that begin while an earlier row of their thing still holds by its own end."""
    with connection.cursor() as cursor:
        cursor.execute(load.models[load.container].statement("timeline_overlaps"))
        return {ordinal for (ordinal,) in cursor.fetchall()}


def ordinals_of_things(load: Load, ordinals: Iterable[int]) -> set[int]:
    """All ordinals of the things of some ordinals, and of the things that are spared."""
    with connection.cursor() as cursor:
        own = load.models[load.container]
        cursor.execute(own.statement("timeline_things"), {"ordinals": list(ordinals)})
        return {ordinal for (ordinal,) in cursor.fetchall()}


def complete_timelines(load: Load) -> None:
    """Let every row reach to the next of its thing, and stage the retraction of everything else.

    Every row asserts its container whole, or ends it, and has a start.
    """
    own = load.models[load.container]
    contents = [load.models[shape] for shape in load.container.contents]
    names = {"own": own.names["staged"], "own_root": sql.Identifier(own.shape.root)}
    with connection.cursor() as cursor:
        cursor.execute(own.statement("timeline_ends"))
        for model in contents:
            cursor.execute(model.statement("timeline_contents", **names))
        for model in (*contents, own):
            key = {
                "live_key": columns(model.shape.key, of="live"),
                "covered_is_live": key_equal(model.shape, "covered", "live"),
            }
            cursor.execute(model.statement("timeline_uncovered", **names, **key))
            cursor.execute(model.statement("timeline_said"))
