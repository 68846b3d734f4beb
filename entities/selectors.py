"""What the register of entities says: as it is, as it was, and as it was believed to be.

Every function takes instants that are aware: ``as_of`` on valid time (None is now) and
``known_at`` on system time (None reads what is believed now). What it returns is made of plain
dicts, instants in UTC; a version is shown as it stood at ``known_at``. Pages are by keyset:
``after`` is the key of the last row of the page before, and to go backwards the order is turned.
``hidden`` is what the reader may not see: such a name and the ``hash_diff`` of its version are
None, such a detail is left out, its code in ``masked``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from core.db import clock
from core.models.scd2.diff import Window
from core.models.scd2.history import Position
from core.registers.pii import NOTHING, Hidden
from core.registers.read.diff import diff
from core.registers.read.history import history
from core.registers.read.history import masked_details as details_masked
from core.registers.read.history import masked_instants as instants_masked
from core.registers.read.page import Criteria, Page, Place, page
from core.registers.read.snapshot import Row, Shown, exists, snapshot
from core.registers.read.snapshot import valid_periods as periods
from entities.register import ENTITIES
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
    "type_history",
    "type_list",
    "type_periods",
    "type_snapshot",
    "valid_periods",
]


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

    def criteria(self) -> Criteria:
        given = {"type": self.type, "q": self.q, "source": self.source, "source_id": self.source_id}
        values = {name: value for name, value in given.items() if value is not None}
        return Criteria(values, self.detail_code, self.details)


def basis() -> tuple[datetime, datetime]:
    """``(as_of, known_at)`` of a read that asks for neither: the clock, twice."""
    now = clock()
    return now, now


def entity_snapshot(
    uuid: UUID,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    hidden: Hidden = NOTHING,
) -> Row | None:
    """An entity with its details; None where it is not valid. ``versions`` names the rows shown."""
    found = entity_shown(uuid, as_of=as_of, known_at=known_at, hidden=hidden)
    return found.thing if found else None


def entity_shown(
    uuid: UUID,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    hidden: Hidden = NOTHING,
) -> Shown | None:
    """As entity_snapshot, and what is personal data of what is shown."""
    return snapshot(ENTITIES, uuid, as_of=as_of, known_at=known_at, hidden=hidden)


def entity_exists(uuid: UUID) -> bool:
    """Whether there is, or ever was, such an entity."""
    return exists(ENTITIES, uuid)


def valid_periods(
    uuid: UUID, *, known_at: datetime | None = None
) -> list[tuple[datetime, datetime | None]]:
    """The lifetimes of an entity in order; the end of the last may be open (None)."""
    return periods(ENTITIES, uuid, known_at=known_at)


def entity_history(
    uuid: UUID,
    *,
    known_at: datetime | None = None,
    superseded: bool = False,
    after: Position | None = None,
    limit: int,
    hidden: Hidden = NOTHING,
) -> list[Row]:
    """Versions of an entity and of its details (``detail_code``), newest first."""
    rows = history(
        ENTITIES,
        uuid,
        known_at=known_at,
        superseded=superseded,
        after=after,
        limit=limit,
        hidden=hidden,
    )
    return [{"detail_code": row.pop("inner"), **without_model(row)} for row in rows]


def without_model(row: Row) -> Row:
    del row["model"]
    return row


def masked_instants(uuid: UUID, hidden: Hidden) -> frozenset[datetime]:
    """The system instants of the calls that wrote what is hidden of an entity."""
    return instants_masked(ENTITIES, uuid, hidden)


def masked_details(
    uuid: UUID, *, known_at: datetime | None = None, superseded: bool = False, hidden: Hidden
) -> list[str]:
    """The codes of the details that a history leaves out because they are hidden."""
    return details_masked(ENTITIES, uuid, known_at=known_at, superseded=superseded, hidden=hidden)


def entity_list(*args: Any, **wanted: Any) -> list[Row]:
    """The entities of an ``entity_page``."""
    return [item.thing for item in entity_page(*args, **wanted).items]


def entity_page(
    filters: EntityFilter | None = None,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    ordering: str = "display_name",
    after: Place | None = None,
    limit: int,
    expand_details: bool = False,
    hidden: Hidden = NOTHING,
) -> Page:
    """A page of the entities valid at ``as_of``, as ``core.registers.read.page`` has it."""
    return page(
        ENTITIES,
        (filters or EntityFilter()).criteria(),
        as_of=as_of,
        known_at=known_at,
        ordering=ordering,
        after=after,
        limit=limit,
        expand=expand_details,
        hidden=hidden,
    )


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
    """The entities whose net change is not nothing, as ``core.registers.read.diff`` has it.

    To compare two beliefs about one instant D: ``to`` is D and ``from_`` is D plus a microsecond.
    """
    return diff(
        ENTITIES,
        Window(from_, to, known_from, known_to),
        only=entity,
        within=("entity_type", type) if type is not None else None,
        anchored=("source", source) if source is not None else None,
        after=after,
        backwards=backwards,
        limit=limit,
        hidden=hidden,
    )
