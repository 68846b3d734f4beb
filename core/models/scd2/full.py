"""A load that says all there is: what it lacks is staged to end.

The retractions wait with what the load says and go the way of every other Change. They are found
before the locks: what others write meanwhile is newer than the load, and stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from psycopg import sql

from core.models.scd2.affected import kind_of
from core.models.scd2.change import Future
from core.models.scd2.locks import anchor_parts
from core.models.scd2.sql import columns
from core.models.scd2.staging import Load, StagedModel, key_equal, thing_sql

MISSING = 0
"""The ordinal of the retractions of what is missing: no line has it."""


class Missing(NamedTuple):
    """How many things of a scope a load lacks, of how many that are valid."""

    lacking: int
    valid: int


def spare(load: Load, roots: Iterable[Any]) -> None:
    """Do not end these things, although nothing is staged for them."""
    with connection.cursor() as cursor:
        own = load.models[load.container]
        cursor.execute(own.statement("stage_spared"), {"roots": list(roots)})


def end_lacking(load: Load, instant: datetime) -> int:
    """Stage the end of whatever contents an asserted container lacks; returns how many ends.

    ``instant`` stands for a start that is not given. Call between two ``prepare``, with the
    stretch of the load set.
    """
    own, staged = load.models[load.container], 0
    with connection.cursor() as cursor:
        for shape in load.container.contents:
            model = load.models[shape]
            query = model.statement(
                "stage_lacking",
                own=own.names["staged"],
                own_repeated=own.names["repeated"],
                own_root=sql.Identifier(own.shape.root),
                version_key=columns(shape.key, of="version"),
                other_key=columns(shape.key, of="other"),
            )
            cursor.execute(query, {"instant": instant, **load.stretch._asdict()})
            staged += cursor.rowcount
    return staged


def lacking_contents(
    load: Load, scope: Mapping[str, Any], *, at: datetime, instant: datetime
) -> dict[str, Missing]:
    """By kind of contents that ``end_lacking`` ends: how many things of the scope lose it ``at``.

    Kinds are named by what the key has besides the container, else as the model is.
    """
    found: dict[str, Missing] = {}
    given = {"at": at, "instant": instant, **scope_parameters(scope)}
    with connection.cursor() as cursor:
        for shape in load.container.contents:
            model = load.models[shape]
            query = model.statement(
                "lacking_contents",
                version_is_lost=key_equal(shape, "version", "lost"),
                kind=kind_of(shape, "version"),
                kind_of_staged=kind_of(shape, "staged"),
                **scope_parts(model, scope),
            )
            cursor.execute(query, given)
            found.update({kind: Missing(*counts) for kind, *counts in cursor.fetchall()})
    return found


def end_missing(
    load: Load,
    scope: Mapping[str, Any],
    *,
    at: datetime,
    valid_from: datetime | None,
    future: Future,
) -> Missing:
    """Stage the end of the things of a scope that are valid ``at`` and of which nothing is said.

    ``scope``: columns of the anchor and their values. ``valid_from``: where they end, None is
    the instant of the load.
    """
    own = load.models[load.container]
    given = {"at": at, **scope_parameters(scope)}
    end = {"valid_from": valid_from, "future": future.value, "ordinal": MISSING}
    parts = scope_parts(own, scope)
    with connection.cursor() as cursor:
        cursor.execute(own.statement("scope_size", **parts), given)
        valid = cursor.fetchone()[0]
        cursor.execute(own.statement("stage_missing", **parts), {**given, **end})
        return Missing(cursor.rowcount, valid)


def count_rewritten(load: Load, instant: datetime, *, before: datetime) -> int:
    """How many things the load of an instant changed from their own row's start on.

    Only rows that start before an instant count, and things that the load did not make. Call it in
    the transaction of the load.
    """
    own = load.models[load.container]
    thing = thing_sql(load.container, sql.Identifier("changed", "root"))
    labels = [shape.label for shape in load.models]
    with connection.cursor() as cursor:
        cursor.execute(
            own.statement("count_rewritten", thing=thing),
            {"instant": instant, "before": before, "models": labels},
        )
        count: int = cursor.fetchone()[0]
    return count


def scope_parameters(scope: Mapping[str, Any]) -> dict[str, Any]:
    return {f"scope_{name}": value for name, value in scope.items()}


def scope_parts(own: StagedModel, scope: Mapping[str, Any]) -> dict[str, sql.Composable]:
    anchor = anchor_parts(own.shape.anchor)
    conditions = [
        sql.SQL("anchor.{} = {}").format(sql.Identifier(name), sql.Placeholder(f"scope_{name}"))
        for name in scope
    ]
    return {
        "anchors": anchor["anchors"],
        "anchor_key": anchor["key"],
        "in_scope": sql.SQL(" AND ").join(conditions),
        "version_key": columns(own.shape.key, of="version"),
    }
