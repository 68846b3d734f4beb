"""Personal data of entities: names by the mark on their type, details by that on theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from core.registers import masking
from core.registers.pii import NOTHING, Hidden
from core.registers.read import fragments
from entities.register import ENTITIES

__all__ = [
    "ALL_MARKED",
    "APP",
    "NOTHING",
    "Hidden",
    "hidden_from",
    "log_changes_seen",
    "log_seen",
    "log_shown",
    "log_versions_seen",
    "marked_now",
]

APP = "entities"
ALL_MARKED = Hidden(all_marked=True)


def marked_now() -> Hidden:
    """All that is marked. One statement."""
    return fragments.marked_now(ENTITIES)


def hidden_from(user: Any) -> Hidden:
    """What a user may not see; nothing is read for one who may see everything."""
    return masking.hidden_from(ENTITIES, user)


def log_seen(user: Any, seen: Mapping[UUID, Collection[str]]) -> None:
    masking.log_seen(ENTITIES, user, seen)


def log_versions_seen(user: Any, uuid: UUID, rows: Iterable[dict[str, Any]]) -> None:
    masking.log_versions_seen(ENTITIES, user, uuid, rows)


def log_changes_seen(user: Any, rows: Iterable[dict[str, Any]]) -> None:
    masking.log_changes_seen(ENTITIES, user, rows)


def log_shown(user: Any, shown: Iterable[masking.Seen]) -> None:
    masking.log_shown(ENTITIES, user, shown)
