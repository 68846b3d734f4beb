"""What the register says: as it is, as it was, and as it was believed to be.

Every function takes instants that are aware: ``as_of`` on valid time (None is now) and
``known_at`` on system time (None reads what is believed now). What it returns is made of plain
dicts, instants in UTC; a version is shown as it stood at ``known_at``. Pages are by keyset:
``after`` is the key of the last row of the page before, and to go backwards the order is turned.
``hidden`` is what the reader may not see (see ``personal``): such a name and the ``hash_diff`` of
its version are None, such a detail is left out, its code in ``masked``.
"""

from __future__ import annotations

import dataclasses
import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql

from core.db import clock
from core.models.scd2.history import Position, as_known, history, lifetimes
from entities.diffs import entity_diff
from entities.exceptions import PlaceLost
from entities.models import Entity, EntityAnchor, EntityDetail
from entities.personal import NOTHING, Hidden
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
    "masked_details",
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
ORDERINGS = {"display_name": "text", "valid_from": "timestamptz", "uuid": "uuid"}


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
    uuid: UUID,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    hidden: Hidden = NOTHING,
) -> Row | None:
    """An entity with its details; None where it is not valid. One statement, besides the clock.

    ``versions`` names the rows shown.
    """
    instants = {"as_of": as_of or clock(), "known_at": known_at}
    parameters = {"uuid": uuid, **instants, **hidden.parameters()}
    rows = fetch(statement("snapshot"), parameters)
    if not rows:
        return None
    width = len(COLUMNS)
    entity = shown(rows[0][:width], known_at)
    held = [row[width:] for row in rows if row[width] is not None]
    shows(entity, [row[1:] for row in held])
    entity["versions"] = [
        entity.pop("id"),
        *(row[0] for row in held if row[1] in entity["details"]),
    ]
    return entity


def shows(entity: Row, held: Iterable[tuple[str, str | None, str | None]]) -> None:
    """Give an entity its details by (code, text, data type); a text that is hidden is None."""
    entity["details"], entity["masked"] = {}, []
    for code, text, data_type in held:
        if text is None:
            entity["masked"].append(code)
        else:
            entity["details"][code] = json_of(data_type, text)


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
    hidden: Hidden = NOTHING,
) -> list[Row]:
    """Versions of an entity and of its details, newest first. Three statements at most.

    Each says besides its columns of which detail it is (``detail_code``, None for the entity
    itself) and where it stands (``position``, the ``after`` of the next page). Of details that
    are hidden there is none: ``masked_details`` names them.
    """
    items = history(
        [Entity.shape, EntityDetail.shape],
        uuid,
        known_at=known_at,
        superseded=superseded,
        after=after,
        limit=limit,
        left_out=hidden.details,
    )
    types = data_types() if any(len(item.key) > 1 for item in items) else {}
    rows = []
    for item in items:
        code = item.key[1] if len(item.key) > 1 else None
        if code is not None:
            item.version["value"] = json_of(types.get(code), item.version["value"])
        else:
            mask(item.version, hidden)
        rows.append({"detail_code": code, **item.version, "position": item.position})
    return rows


def mask(version: Row, hidden: Hidden) -> None:
    """Take from an entity's version what is hidden."""
    if version["entity_type"] in hidden.names:
        version["display_name"] = version["hash_diff"] = None


def masked_details(
    uuid: UUID, *, known_at: datetime | None = None, superseded: bool = False, hidden: Hidden
) -> list[str]:
    """The codes of the details that a history leaves out because they are hidden."""
    if not hidden.details:
        return []
    parameters = {"uuid": uuid, "known_at": known_at, "superseded": superseded}
    return [
        code for (code,) in fetch(statement("masked_details"), parameters | hidden.parameters())
    ]


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
    hidden: Hidden = NOTHING,
) -> list[Row]:
    """A page of the entities valid at ``as_of``. One statement, and one for their details.

    ``ordering``: ``display_name`` or ``valid_from``, with ``-`` in front for descending; equal
    ones by uuid. ``after``: that column and the uuid of the last row of the page before. Names
    that are hidden come after all others, by uuid: that is one more statement, where it is
    reached. ``q`` finds none of them. Raises PersonalData for a filter by a hidden detail, and
    PlaceLost for an ``after`` without a name where none is hidden any more.
    """
    filters = filters or EntityFilter()
    refuse_asked(hidden, filters)
    column, backwards = ordering.removeprefix("-"), ordering.startswith("-")
    fragments, parameters = filtering(filters)
    parameters |= {"as_of": as_of or clock(), "known_at": known_at, **hidden.parameters()}
    rows: list[tuple[Any, ...]] = []
    for group, start in groups_from(groups_of(filters, hidden, column), backwards, after):
        query = page_query(fragments, column, group, backwards)
        last, last_uuid = start or (None, None)
        last = last_uuid if group is Group.MASKED else last
        place = {"after": last, "after_uuid": last_uuid, "limit": limit - len(rows)}
        rows += fetch(query, parameters | place) if len(rows) < limit else []
    entities = [shown(row, known_at) for row in rows]
    for entity in entities:
        del entity["id"]
    if expand_details:
        add_details(entities, parameters)
    return entities


class Group(enum.Enum):
    """Entities that a list orders in one way."""

    ALL = None
    VISIBLE = "filter_visible"
    MASKED = "filter_masked"


def refuse_asked(hidden: Hidden, filters: EntityFilter) -> None:
    """Raises PersonalData for a filter by a detail that is hidden."""
    for code in filters.details:
        hidden.refuse_asked(code, f"detail[{code}]")
    hidden.refuse_asked(filters.detail_code, "detail_code")


def groups_of(filters: EntityFilter, hidden: Hidden, column: str) -> list[Group]:
    """What an ascending list consists of, one after the other.

    What is hidden is neither searched nor ordered by.
    """
    if not hidden.names or (filters.type and filters.type not in hidden.names):
        return [Group.ALL]
    if filters.q is not None:
        return [] if filters.type else [Group.VISIBLE]
    if column != "display_name":
        return [Group.ALL]
    return [Group.MASKED] if filters.type else [Group.VISIBLE, Group.MASKED]


def groups_from(
    groups: list[Group], backwards: bool, after: Key | None
) -> Iterator[tuple[Group, Key | None]]:
    """The groups in reading direction that come after a place, the first with the place in it."""
    if after is not None and after[0] is None and Group.MASKED not in groups:
        raise PlaceLost("What is personal data has changed: begin the list anew.", field="cursor")
    ordered = groups[::-1] if backwards else groups
    if after is not None and len(ordered) > 1:
        ordered = ordered[ordered.index(Group.MASKED if after[0] is None else Group.VISIBLE) :]
    for number, group in enumerate(ordered):
        yield group, None if number else after


def page_query(
    fragments: Sequence[sql.Composable], column: str, group: Group, backwards: bool
) -> sql.Composed:
    """The statement of a page; masked names are ordered by uuid alone."""
    wanted = [*fragments] if group is Group.ALL else [*fragments, statement(group.value)]
    column = "uuid" if group is Group.MASKED else column
    return statement(
        "page",
        filters=sql.SQL("\n").join(wanted),
        column=sql.Identifier("version", column),
        type=sql.SQL(ORDERINGS[column]),
        beyond=sql.SQL("<" if backwards else ">"),
        direction=sql.SQL("DESC" if backwards else "ASC"),
    )


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
    found: dict[UUID, list[tuple[str, str | None, str | None]]] = defaultdict(list)
    if entities:
        parameters = {**parameters, "uuids": [entity["uuid"] for entity in entities]}
        for uuid, *held in fetch(statement("page_details"), parameters):
            found[uuid].append((held[0], held[1], held[2]))
    for entity in entities:
        shows(entity, found[entity["uuid"]])


def shown(row: Iterable[Any], known_at: datetime | None) -> Row:
    """An entity's version as it stood at ``known_at``."""
    version = as_known(dict(zip(COLUMNS, row, strict=True)), known_at)
    del version["closed_at"]
    version["is_current"] = version["valid_to"] is None
    return version
