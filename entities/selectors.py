"""What the register says: as it is, as it was, and as it was believed to be.

Every function takes instants that are aware: ``as_of`` on valid time (None is now) and
``known_at`` on system time (None reads what is believed now). What it returns is made of plain
dicts, instants in UTC; a version is shown as it stood at ``known_at``. Pages are by keyset:
``after`` is the key of the last row of the page before, and to go backwards the order is turned.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql

from core.db import clock
from core.models.scd2.history import Position, as_known, history, lifetimes
from entities.diffs import entity_diff
from entities.models import Entity, EntityAnchor, EntityDetail
from entities.reading import data_types, fetch, json_of
from entities.sql import statement
from entities.type_selectors import type_history, type_list, type_periods, type_snapshot

__all__ = [
    "EntityFilter",
    "basis",
    "entity_diff",
    "entity_exists",
    "entity_history",
    "entity_list",
    "entity_snapshot",
    "type_history",
    "type_list",
    "type_periods",
    "type_snapshot",
    "valid_periods",
]

Row = dict[str, Any]
Key = tuple[Any, UUID]

COLUMNS = (
    "id",
    "uuid",
    "entity_type",
    "display_name",
    "source",
    "source_id",
    "valid_from",
    "valid_to",
    "closed_at",
    "system_from",
    "hash_diff",
)
ORDERINGS = {"display_name": "text", "valid_from": "timestamptz"}


@dataclasses.dataclass(frozen=True, slots=True)
class EntityFilter:
    """Which entities a list shows; None is any.

    ``q``: a part of the name, whatever the case. ``detail_code``: who holds that detail.
    ``details``: who holds these values, as canonical text by code.
    """

    q: str | None = None
    type: str | None = None
    detail_code: str | None = None
    source: str | None = None
    source_id: str | None = None
    details: Mapping[str, str] = dataclasses.field(default_factory=dict)


def basis() -> tuple[datetime, datetime]:
    """``(as_of, known_at)`` of a read that asks for neither: the clock, twice."""
    now = clock()
    return now, now


# One entity


def entity_snapshot(
    uuid: UUID, *, as_of: datetime | None = None, known_at: datetime | None = None
) -> Row | None:
    """An entity with its details; None where it is not valid. One statement, besides the clock.

    ``versions`` names the rows shown.
    """
    parameters = {"uuid": uuid, "as_of": as_of or clock(), "known_at": known_at}
    rows = fetch(statement("snapshot"), parameters)
    if not rows:
        return None
    width = len(COLUMNS)
    entity = shown(rows[0][:width], known_at)
    held = [row[width:] for row in rows if row[width] is not None]
    entity["details"] = {code: json_of(data_type, text) for _, code, text, data_type in held}
    entity["versions"] = [entity.pop("id"), *(ident for ident, *_ in held)]
    return entity


def entity_exists(uuid: UUID) -> bool:
    """Whether there is, or ever was, such an entity."""
    return EntityAnchor.objects.filter(uuid=uuid).exists()


def valid_periods(
    uuid: UUID, *, known_at: datetime | None = None
) -> list[tuple[datetime, datetime | None]]:
    """The lifetimes of an entity in order; the end of the last may be open (None)."""
    return lifetimes(Entity.shape, (uuid,), known_at)


def entity_history(
    uuid: UUID,
    *,
    known_at: datetime | None = None,
    superseded: bool = False,
    after: Position | None = None,
    limit: int,
) -> list[Row]:
    """Versions of an entity and of its details, newest first. Three statements at most.

    Each says besides its columns of which detail it is (``detail_code``, None for the entity
    itself) and where it stands (``position``, the ``after`` of the next page).
    """
    items = history(
        [Entity.shape, EntityDetail.shape],
        uuid,
        known_at=known_at,
        superseded=superseded,
        after=after,
        limit=limit,
    )
    types = data_types() if any(len(item.key) > 1 for item in items) else {}
    rows = []
    for item in items:
        code = item.key[1] if len(item.key) > 1 else None
        if code is not None:
            item.version["value"] = json_of(types.get(code), item.version["value"])
        rows.append({"detail_code": code, **item.version, "position": item.position})
    return rows


# Many


def entity_list(
    filters: EntityFilter | None = None,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    ordering: str = "display_name",
    after: Key | None = None,
    limit: int,
    expand_details: bool = False,
) -> list[Row]:
    """A page of the entities valid at ``as_of``. One statement, and one for their details.

    ``ordering``: ``display_name`` or ``valid_from``, with ``-`` in front for descending; equal
    ones by uuid. ``after``: that column and the uuid of the last row of the page before.
    """
    column, backwards = ordering.removeprefix("-"), ordering.startswith("-")
    fragments, parameters = filtering(filters or EntityFilter())
    query = statement(
        "page",
        filters=sql.SQL("\n").join(fragments),
        column=sql.Identifier("version", column),
        type=sql.SQL(ORDERINGS[column]),
        beyond=sql.SQL("<" if backwards else ">"),
        direction=sql.SQL("DESC" if backwards else "ASC"),
    )
    last, last_uuid = after or (None, None)
    parameters |= {
        "as_of": as_of or clock(),
        "known_at": known_at,
        "after": last,
        "after_uuid": last_uuid,
        "limit": limit,
    }
    entities = [shown(row, known_at) for row in fetch(query, parameters)]
    for entity in entities:
        del entity["id"]
    if expand_details:
        add_details(entities, parameters)
    return entities


def filtering(filters: EntityFilter) -> tuple[list[sql.Composable], Row]:
    """The fragments of a page's WHERE, and their parameters."""
    given: Row = {
        "type": filters.type,
        "name": filters.q and f"%{escaped(filters.q)}%",
        "source": filters.source,
        "source_id": filters.source_id,
    }
    parameters = {name: value for name, value in given.items() if value is not None}
    fragments: list[sql.Composable] = [statement(f"filter_{name}") for name in parameters]
    if filters.detail_code is not None:
        fragments.append(holding("detail_code", parameters, filters.detail_code))
    for number, (code, text) in enumerate(filters.details.items()):
        value = statement("filter_value", value=sql.Placeholder(f"value_{number}"))
        parameters[f"value_{number}"] = text
        fragments.append(holding(f"code_{number}", parameters, code, value))
    return fragments, parameters


def holding(
    name: str, parameters: Row, code: str, value: sql.Composable | None = None
) -> sql.Composed:
    """The fragment that asks for holders of a detail, its code bound as ``name``."""
    parameters[name] = code
    return statement("filter_detail", code=sql.Placeholder(name), value=value or sql.SQL(""))


def escaped(text: str) -> str:
    """Text that stands for itself in a pattern of LIKE."""
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return text


def add_details(entities: Sequence[Row], parameters: Row) -> None:
    """Give every entity of a page its details, in one statement."""
    found: dict[UUID, Row] = defaultdict(dict)
    if entities:
        parameters = {**parameters, "uuids": [entity["uuid"] for entity in entities]}
        for uuid, code, text, data_type in fetch(statement("page_details"), parameters):
            found[uuid][code] = json_of(data_type, text)
    for entity in entities:
        entity["details"] = found[entity["uuid"]]


def shown(row: Iterable[Any], known_at: datetime | None) -> Row:
    """An entity's version as it stood at ``known_at``."""
    version = as_known(dict(zip(COLUMNS, row, strict=True)), known_at)
    del version["closed_at"]
    version["is_current"] = version["valid_to"] is None
    return version
