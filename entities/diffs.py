"""What changed in the register between two instants, by entity and field."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from core.models.scd2.diff import (
    FieldChange,
    Page,
    Pair,
    Window,
    field_changes,
    pairs,
    touched_roots,
)
from core.models.scd2.timeline import Payload
from entities.models import Entity, EntityDetail
from entities.personal import NOTHING, Hidden
from entities.reading import data_types, json_of

Row = dict[str, Any]
SHAPES = (Entity.shape, EntityDetail.shape)
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
    after: UUID | None = None,
    backwards: bool = False,
    limit: int,
    hidden: Hidden = NOTHING,
) -> list[Row]:
    """The entities whose net change is not nothing, by uuid; all instants are aware.

    ``before`` is the value just before ``from_`` as known at ``known_from``, ``after`` that at
    ``to`` as known at ``known_to``, ``transitions`` the steps from ``from_`` to ``to`` as known
    at ``known_to``. To compare two beliefs about one instant D: ``to`` is D and ``from_`` is D
    plus a microsecond. ``type`` is that at the end, or of what ended. What is ``hidden`` is as if
    it never changed: a name is None, a detail is not there.
    """
    window = Window(from_, to, known_from, known_to)
    within = ("entity_type", type) if type is not None else None
    page = Page(limit + SLACK, after, backwards, entity, within)
    found: list[Row] = []
    while len(found) < limit:
        roots = touched_roots(SHAPES, window, page)
        changes = changes_of(roots, window, hidden)
        found.extend(row for row in changes if type in (None, row["entity_type"]))
        if len(roots) < page.limit:
            break
        page = dataclasses.replace(page, after=roots[-1])
    return found[:limit]


def changes_of(roots: Sequence[UUID], window: Window, hidden: Hidden) -> Iterator[Row]:
    """The net changes of some entities, in their order. Three statements."""
    if not roots:
        return
    entities = pairs(Entity.shape, roots, window, unchanged=True)
    details: dict[UUID, dict[str, Pair]] = defaultdict(dict)
    for (uuid, code), pair in pairs(EntityDetail.shape, roots, window, unchanged=False).items():
        if code not in hidden.details:
            details[uuid][code] = pair
    types = data_types() if details else {}
    for uuid in roots:
        pair = seen(entities.get((uuid,), Pair()), hidden)
        fields = dict(fields_of(pair, details[uuid], types, window))
        if fields:
            yield described(uuid, pair, window, fields)


def seen(pair: Pair, hidden: Hidden) -> Pair:
    """An entity under both beliefs as the reader sees it."""
    if not hidden.names:
        return pair
    spans = [span._replace(payload=named(span.payload, hidden)) for span in pair.spans]
    late = [belief._replace(payload=named(belief.payload, hidden)) for belief in pair.late]
    return Pair(named(pair.before, hidden), spans, late)


def named(payload: Payload, hidden: Hidden) -> Payload:
    """An entity's payload without a name that is hidden."""
    if payload is None:
        return None
    entity_type, display_name = payload
    return entity_type, None if entity_type in hidden.names else display_name


def fields_of(
    pair: Pair, details: Mapping[str, Pair], types: Mapping[str, str], window: Window
) -> Iterator[tuple[str, Row]]:
    """The changed fields of an entity, as JSON."""
    for name, change in field_changes(Entity.shape.tracked, pair, window).items():
        yield name, as_json(change, None)
    for code in sorted(details):
        for change in field_changes(("value",), details[code], window).values():
            yield f"details.{code}", as_json(change, types.get(code))


def described(uuid: UUID, pair: Pair, window: Window, fields: Mapping[str, Row]) -> Row:
    """One entity of a diff; named as it is at the end, or as it was when it ended."""
    after = pair.after(window)
    entity_type, display_name = after or pair.before or (None, None)
    change = "updated"
    if (pair.before is None) != (after is None):
        change = "created" if pair.before is None else "ended"
    return {
        "uuid": uuid,
        "entity_type": entity_type,
        "display_name": display_name,
        "change": change,
        "fields": fields,
    }


def as_json(change: FieldChange, data_type: str | None) -> Row:
    return {
        "before": json_of(data_type, change.before),
        "after": json_of(data_type, change.after),
        "transitions": [
            {
                "at": step.at,
                "before": json_of(data_type, step.before),
                "after": json_of(data_type, step.after),
                "correction": step.corrects,
            }
            for step in change.transitions
        ],
    }
