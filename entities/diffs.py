"""What changed in the register between two instants, by entity and field."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any
from uuid import UUID

from core.models.scd2.diff import Changed, Page, Source, Window, changes
from entities.models import Entity, EntityDetail
from entities.personal import NOTHING, Hidden
from entities.sql import statement

Row = dict[str, Any]
SOURCES = (
    Source(Entity.shape, statement("diff_entity")),
    Source(
        EntityDetail.shape,
        statement("diff_detail"),
        lookup=statement("diff_kinds", data_types=statement("data_types")),
    ),
)
IDENTITY = ("source", "source_id")
SLACK = 16
"""How many more things are looked at than asked for: some that were touched did not change."""


def entity_diff(
    *,
    from_: datetime,
    to: datetime,
    known_from: datetime,
    known_to: datetime,
    type: str | None = None,  # noqa: A002 - as the API says it
    entity: UUID | None = None,
    source: str | None = None,
    after: UUID | None = None,
    backwards: bool = False,
    limit: int,
    hidden: Hidden = NOTHING,
) -> list[Row]:
    """The entities whose net change is not nothing, by uuid; all instants are aware.

    ``fields`` is JSON text by field: ``before`` is the value just before ``from_`` as known at
    ``known_from``, ``after`` that at ``to`` as known at ``known_to``, ``transitions`` the steps
    from ``from_`` to ``to`` as known at ``known_to``. To compare two beliefs about one instant D:
    ``to`` is D and ``from_`` is D plus a microsecond. ``type`` is that at the end, or of what
    ended; ``source`` is the feed that named the entity. What is ``hidden`` is as if it never
    changed: a name is None, a detail is not there. One statement, and more where much of what was
    touched did not change.
    """
    window = Window(from_, to, known_from, known_to)
    within = ("entity_type", type) if type is not None else None
    anchored = ("source", source) if source is not None else None
    page = Page(limit + SLACK, after, backwards, entity, within, anchored)
    found: list[Row] = []
    while len(found) < limit:
        looked_at = list(changes(SOURCES, window, page, hidden.parameters(), IDENTITY))
        rows = (described(change) for change in looked_at if change.fields is not None)
        found.extend(row for row in rows if type in (None, row["entity_type"]))
        if len(looked_at) < page.limit:
            break
        page = dataclasses.replace(page, after=looked_at[-1].root)
    return found[:limit]


def described(change: Changed) -> Row:
    """One entity of a diff; named as it is at the end, or as it was when it ended."""
    entity_type, display_name = change.named or (None, None)
    kind = "updated"
    if change.existed != change.exists:
        kind = "ended" if change.existed else "created"
    return {
        "uuid": change.root,
        **dict(zip(IDENTITY, change.identity, strict=True)),
        "entity_type": entity_type,
        "display_name": display_name,
        "change": kind,
        "fields": change.fields,
    }
