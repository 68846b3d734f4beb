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
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import sql

from core.collation import search_key, sort_key
from core.db import clock
from core.models.scd2.history import Position, history, lifetimes
from core.rows import fetch
from entities.diffs import entity_diff
from entities.exceptions import PlaceLost
from entities.models import Entity, EntityAnchor, EntityDetail
from entities.personal import NOTHING, Hidden
from entities.reading import data_types, json_of
from entities.shown import Row, Shown, at, held_details, holds, shown
from entities.sql import statement
from entities.type_selectors import type_history, type_list, type_periods, type_snapshot

__all__ = [
    "EntityFilter",
    "basis",
    "entity_diff",
    "entity_exists",
    "entity_history",
    "entity_list",
    "entity_page",
    "entity_shown",
    "entity_snapshot",
    "masked_details",
    "masked_instants",
    "type_history",
    "type_list",
    "type_periods",
    "type_snapshot",
    "valid_periods",
]

Key = tuple[Any, UUID]

NO_CONDITION = sql.SQL("")
ORDERINGS: Mapping[str, Sequence[tuple[sql.SQL, sql.SQL]]] = {
    "display_name": [
        (
            sql.SQL('core_sort_key(version.display_name) COLLATE "C"'),
            sql.SQL("%(after_key)s::text"),
        ),
        (sql.SQL('version.display_name COLLATE "C"'), sql.SQL("%(after)s::text")),
    ],
    "valid_from": [(sql.SQL("version.valid_from"), sql.SQL("%(after)s::timestamptz"))],
    "uuid": [],
}
"""By which columns a list is ordered before the uuid, and what they were on the page before.

The expressions are those of the indexes by name and by start.
"""


@dataclasses.dataclass(frozen=True, slots=True)
class EntityFilter:
    """Which entities a list shows; None is any.

    ``q``: a part of the name, whatever its case, accents and form (see ``core.collation``).
    ``detail_code``: who holds that detail. ``details``: who holds these
    values, as canonical text by code.
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
    """An entity with its details; None where it is not valid. One statement.

    ``versions`` names the rows shown.
    """
    found = entity_shown(uuid, as_of=as_of, known_at=known_at, hidden=hidden)
    return found.entity if found else None


def entity_shown(
    uuid: UUID,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    hidden: Hidden = NOTHING,
) -> Shown | None:
    """As entity_snapshot, and what is personal data of what is shown."""
    query = snapshot_query(now=as_of is None, believed_now=known_at is None)
    rows = fetch(query, {"uuid": uuid, "as_of": as_of, "known_at": known_at})
    return shown(rows[0], known_at, hidden) if rows else None


@cache
def snapshot_query(*, now: bool, believed_now: bool) -> sql.Composed:
    return statement(
        "snapshot",
        kinds=statement("kinds"),
        version_holds=holds("version", at(now=now), believed_now=believed_now),
        held_details=held_details(at(now=now), believed_now=believed_now),
    )


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
    """Versions of an entity and of its details, newest first. Four statements at most.

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
    masked_at = masked_instants(uuid, hidden) if items else frozenset()
    rows = []
    for item in items:
        code = item.key[1] if len(item.key) > 1 else None
        if code is not None:
            item.version["value"] = json_of(types.get(code), item.version["value"])
        else:
            mask(item.version, hidden)
        if item.version["system_from"] in masked_at:
            item.version["reason"] = None
        rows.append({"detail_code": code, **item.version, "position": item.position})
    return rows


def mask(version: Row, hidden: Hidden) -> None:
    """Take from an entity's version what is hidden."""
    if version["entity_type"] in hidden.names:
        version["display_name"] = version["hash_diff"] = None


def masked_instants(uuid: UUID, hidden: Hidden) -> frozenset[datetime]:
    """The system instants of the calls that wrote what is hidden of an entity.

    Their reasons are hidden with it: one reason speaks of all that its call wrote.
    """
    if not (hidden.names or hidden.details):
        return frozenset()
    parameters = {"uuid": uuid, **hidden.parameters()}
    return frozenset(instant for (instant,) in fetch(statement("masked_instants"), parameters))


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


class Page(NamedTuple):
    """Entities in order; ``now`` is the clock that was read with them, None if nothing was."""

    now: datetime | None
    items: list[Shown]


def entity_list(*args: Any, **wanted: Any) -> list[Row]:
    """The entities of an ``entity_page``."""
    return [item.entity for item in entity_page(*args, **wanted).items]


def entity_page(
    filters: EntityFilter | None = None,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    ordering: str = "display_name",
    after: Key | None = None,
    limit: int,
    expand_details: bool = False,
    hidden: Hidden = NOTHING,
) -> Page:
    """A page of the entities valid at ``as_of``. One statement.

    ``ordering``: ``display_name`` (alphabetically, then by code points) or ``valid_from``, with
    ``-`` in front for descending; equal ones by uuid. ``after``: that column and the
    uuid of the last row of the page before. Names that are hidden come after all others, by uuid:
    that is one more statement, where it is reached. ``q`` finds none of them. Raises
    PersonalData for a filter by a hidden detail, and PlaceLost for an ``after`` without a name
    where none is hidden any more.
    """
    filters = filters or EntityFilter()
    refuse_asked(hidden, filters)
    column, backwards = ordering.removeprefix("-"), ordering.startswith("-")
    instant = at(now=as_of is None)
    fragments, parameters = filtering(filters, instant)
    details = (
        held_details(instant, believed_now=known_at is None)
        if expand_details
        else sql.SQL("NULL::text")
    )
    parameters |= {"as_of": as_of, "known_at": known_at, **hidden.parameters()}
    now: datetime | None = None
    items: list[Shown] = []
    for group, start in groups_from(groups_of(filters, hidden, column), backwards, after):
        if len(items) == limit:
            break
        query = page_query(fragments, column, group, backwards, as_of=instant, details=details)
        last, last_uuid = start or (None, None)
        place = {"after": last, "after_uuid": last_uuid, "limit": limit - len(items)}
        place["after_key"] = sort_key(last) if isinstance(last, str) else None
        for now, ident, *row in fetch(query, parameters | place):  # noqa: B007 - the last is kept
            if ident is not None:
                items.append(shown((ident, *row), known_at, hidden))
                del items[-1].entity["versions"]
    return Page(now, items)


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
    fragments: Sequence[sql.Composable],
    column: str,
    group: Group,
    backwards: bool,
    **parts: sql.Composable,
) -> sql.Composed:
    """The statement of a page; masked names are ordered by uuid alone."""
    wanted = [*fragments] if group is Group.ALL else [*fragments, statement(group.value)]
    columns = ORDERINGS["uuid" if group is Group.MASKED else column]
    columns = [*columns, (sql.SQL("version.uuid"), sql.SQL("%(after_uuid)s::uuid"))]
    direction = sql.SQL(" DESC" if backwards else " ASC")
    return statement(
        "page",
        kinds=statement("kinds"),
        filters=sql.SQL("\n").join(wanted),
        columns=sql.SQL(", ").join(column for column, _ in columns),
        after=sql.SQL(", ").join(place for _, place in columns),
        beyond=sql.SQL("<" if backwards else ">"),
        order=sql.SQL(", ").join(column + direction for column, _ in columns),
        **parts,
    )


def filtering(filters: EntityFilter, as_of: sql.Composable) -> tuple[list[sql.Composable], Row]:
    """The fragments of a page's WHERE, and their parameters."""
    given: Row = {
        "type": filters.type,
        "name": filters.q and f"%{escaped(search_key(filters.q))}%",
        "source": filters.source,
        "source_id": filters.source_id,
    }
    parameters = {name: value for name, value in given.items() if value is not None}
    fragments: list[sql.Composable] = [statement(f"filter_{name}") for name in parameters]
    if filters.detail_code is not None:
        fragments.append(holding("detail_code", as_of, parameters, filters.detail_code))
    for number, (code, text) in enumerate(filters.details.items()):
        value = statement("filter_value", value=sql.Placeholder(f"value_{number}"))
        parameters[f"value_{number}"] = text
        fragments.append(holding(f"code_{number}", as_of, parameters, code, value))
    return fragments, parameters


def holding(
    name: str,
    as_of: sql.Composable,
    parameters: Row,
    code: str,
    value: sql.Composable = NO_CONDITION,
) -> sql.Composed:
    """The fragment that asks for holders of a detail, its code bound as ``name``."""
    parameters[name] = code
    return statement("filter_detail", code=sql.Placeholder(name), as_of=as_of, value=value)


def escaped(text: str) -> str:
    """Text that stands for itself in a pattern of LIKE."""
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return text
