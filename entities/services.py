"""Writing to the register: each function is one transaction, one call of the engine, one instant.

``valid_from`` and ``valid_to`` are aware instants; without ``valid_from`` the instant of the
call. Raised are the engine's errors (InvalidChange, Conflict and their kin) and those of
``exceptions``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID, uuid4

from django.db.models import Field, Q

from core.models.scd2 import Change, Context, Future
from core.models.scd2.change import UNCHANGED
from core.models.scd2.engine import apply_changes
from core.models.scd2.exceptions import InvalidChange, NamedOtherwise
from core.models.scd2.payload import clean
from core.registers.pii import PersonalData
from core.transactions import atomic_write
from entities.cleaning import clean_details, clean_identifier, clean_identity, clean_payload
from entities.exceptions import Exists, NotFound
from entities.models import Entity, EntityAnchor, EntityDetail
from entities.naming import entity_uuid
from entities.personal import NOTHING, Hidden
from entities.selectors import entity_exists, entity_snapshot
from entities.type_services import (
    detail_type_create,
    detail_type_update,
    entity_type_create,
    entity_type_update,
    type_end,
)
from entities.validation import checked_facts
from entities.written import EntityWritten, TypeWritten, Written, hold, still_to_come

__all__ = [
    "EntityWritten",
    "TypeWritten",
    "Written",
    "detail_type_create",
    "detail_type_update",
    "entity_create",
    "entity_end",
    "entity_type_create",
    "entity_type_update",
    "entity_update",
    "type_end",
]

IfMatch = Callable[[dict[str, Any] | None], None]
"""Called under the locks with the snapshot as it is now; what it raises refuses the write."""


@atomic_write
def entity_create(
    *,
    uuid: UUID | None = None,
    source: str | None = None,
    source_id: str | None = None,
    entity_type: str,
    display_name: str,
    details: Mapping[str, Any] | None = None,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    hidden: Hidden = NOTHING,
    context: Context,
) -> EntityWritten:
    """Create an entity, named by ``uuid``, by ``source`` and ``source_id``, or not at all.

    A named one that already is all that is said here, throughout the period, is left alone;
    one that exists there or later otherwise raises Exists. One that ended may begin again.
    Raises PersonalData for what is ``hidden`` from the writer.
    """
    named = uuid is not None or source is not None or source_id is not None
    source, source_id = clean_identity(source, source_id)
    uuid = named_uuid(uuid, source, source_id)
    payload = clean_payload({"entity_type": entity_type, "display_name": display_name})
    details = clean_details(details or {})
    hidden.refuse_written(payload, details)
    given = {code: value for code, value in details.items() if value is not None}
    texts = checked_facts(uuid, payload, given, (valid_from, valid_to), context)
    identity = {"source": source, "source_id": source_id}
    entity = Change({"uuid": uuid}, payload, valid_from, valid_to, identity=identity)
    changes = [
        Change(detail_key(uuid, code), {"value": text}, valid_from, valid_to)
        for code, text in texts.items()
    ]
    check = partial(refuse_existing, entity, changes) if named else None
    result = apply_changes([(Entity, [entity]), (EntityDetail, changes)], context, check=check)
    return EntityWritten(result.total, result.total.wrote, result.instant, uuid=uuid)


@atomic_write
def entity_update(
    *,
    uuid: UUID,
    changes: Mapping[str, Any],
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    future: Future = Future.KEEP,
    if_match: IfMatch | None = None,
    hidden: Hidden = NOTHING,
    context: Context,
) -> EntityWritten:
    """Merge into an entity any of ``display_name``, ``entity_type`` and ``details``.

    A detail that is null is ended. Raises NotFound for a uuid that was never seen, PersonalData
    for what is ``hidden`` from the writer; ``if_match`` gets what the writer sees.
    """
    changes = clean_changes(changes)
    given = changes["details"]
    hidden.refuse_written(changes, given)
    payload = checked_payload(changes)
    texts = checked_facts(uuid, payload, given, (valid_from, valid_to), context)
    require_known(uuid)
    if not payload and not texts:
        return untouched(uuid, if_match, hidden)
    over = partial(Change, valid_from=valid_from, valid_to=valid_to, future=future)
    entities = [over({"uuid": uuid}, payload, partial=True)] if payload else []
    details = [
        over(detail_key(uuid, code), None if text is None else {"value": text})
        for code, text in texts.items()
    ]
    asks = if_match is not None or (payload and hidden.names)
    check = partial(ask, if_match, uuid, hidden, payload) if asks else None
    result = apply_changes([(Entity, entities), (EntityDetail, details)], context, check=check)
    return EntityWritten(result.total, False, result.instant, uuid=uuid)


@atomic_write
def entity_end(
    *,
    uuid: UUID,
    valid_from: datetime | None = None,
    if_match: IfMatch | None = None,
    hidden: Hidden = NOTHING,
    context: Context,
) -> EntityWritten:
    """End an entity and its details, up to the end of the lifetime that covers ``valid_from``.

    Where the entity is not valid nothing is written. Raises NotFound for a uuid that was never
    seen.
    """
    require_known(uuid)
    check = partial(ask, if_match, uuid, hidden, {}) if if_match else None
    change = Change({"uuid": uuid}, None, valid_from)
    result = apply_changes([(Entity, [change])], context, check=check)
    return EntityWritten(result.total, False, result.instant, uuid=uuid)


def require_known(uuid: UUID) -> None:
    """Raises NotFound for a uuid that was never seen."""
    if not entity_exists(uuid):
        raise NotFound(f"There is no entity {uuid}.", key={"uuid": uuid})


def named_uuid(uuid: UUID | None, source: str | None, source_id: str | None) -> UUID:
    """The uuid that follows from what is given; a new one from nothing. Raises InvalidChange."""
    if (source is None) != (source_id is None):
        missing = "source" if source is None else "source_id"
        raise InvalidChange("source and source_id are given together.", field=missing)
    if source is None or source_id is None:
        return uuid or uuid4()
    for name, text in (("source", source), ("source_id", source_id)):
        clean_identifier(text, name)
        clean(cast("Field[Any, Any]", EntityAnchor._meta.get_field(name)), text)
    return matching(entity_uuid(source, source_id), uuid)


def matching(named: UUID, given: UUID | None) -> UUID:
    if given not in (None, named):
        raise InvalidChange(
            f"An entity with this source and source_id has the uuid {named}.", field="uuid"
        )
    return named


def clean_changes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """A merge with names and codes in their one form. Raises InvalidChange."""
    return clean_payload(changes) | {"details": clean_details(changes.get("details") or {})}


def checked_payload(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The tracked columns of a merge. Raises InvalidChange."""
    payload = {name: value for name, value in changes.items() if name != "details"}
    for name in payload:
        if name not in Entity.shape.tracked:
            raise InvalidChange(f"An entity has no {name} that could change.", field=name)
    return payload


def detail_key(uuid: UUID, code: str) -> dict[str, Any]:
    return {"entity_uuid": uuid, "detail_code": code}


def untouched(uuid: UUID, if_match: IfMatch | None, hidden: Hidden) -> EntityWritten:
    """The answer to a merge of nothing."""
    if if_match is not None:
        if_match(entity_snapshot(uuid, hidden=hidden))
    return EntityWritten(UNCHANGED, False, None, uuid=uuid)


def ask(
    if_match: IfMatch | None,
    uuid: UUID,
    hidden: Hidden,
    payload: Mapping[str, Any],
    instant: datetime,
) -> None:
    """Ask, under the locks, whether the writer may say this and the entity is what they mean."""
    if payload and hidden.names:
        refuse_renaming(uuid, hidden, payload)
    if if_match is not None:
        if_match(entity_snapshot(uuid, as_of=instant, hidden=hidden))


def refuse_renaming(uuid: UUID, hidden: Hidden, payload: Mapping[str, Any]) -> None:
    """Raises PersonalData where the name is hidden: to change the type would uncover it."""
    if unnameable([uuid], hidden):
        raise cannot_rename(next(iter(payload)))


def unnameable(uuids: Collection[UUID], hidden: Hidden) -> set[UUID]:
    """Which of some entities have, or will have or had, a name that is hidden."""
    live = Entity.objects.live().filter(uuid__in=uuids, entity_type__in=hidden.names)
    return set(live.values_list("uuid", flat=True))


def cannot_rename(field: str) -> PersonalData:
    return PersonalData(
        "The name of this entity is personal data: you can change neither it nor the type.",
        field=field,
    )


# Creation of what may be there


def refuse_existing(entity: Change, details: list[Change], instant: datetime) -> None:
    """Raises Exists where the entity is there or later and not as it is said to be."""
    uuid = entity.key["uuid"]
    refuse_other_name(uuid, entity.identity)
    start = entity.valid_from or instant
    rows = still_to_come(Entity, Q(uuid=uuid), start)
    held = still_to_come(EntityDetail, Q(entity_uuid=uuid), start) if rows else {}
    if rows and not (hold(rows, [entity], start) and hold(held, details, start)):
        raise Exists(
            f"The entity {uuid} exists at or after {start.isoformat()} and is not as given.",
            key={"uuid": uuid},
        )


def refuse_other_name(uuid: UUID, identity: Mapping[str, Any]) -> None:
    """Raises NamedOtherwise for a source that is not that of the anchor."""
    if identity["source"] is None:
        return
    if EntityAnchor.objects.filter(uuid=uuid).exclude(**identity).exists():
        raise NamedOtherwise(
            f"The entity {uuid} exists without this source and source_id.", key={"uuid": uuid}
        )
