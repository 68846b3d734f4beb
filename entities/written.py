"""What a write did, and whether what it says is so already."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from core.models.scd2 import Change, Outcome
from core.models.scd2.model import VersionedModel


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """What a service did.

    ``created``: something began that did not exist. ``instant``: the system instant (UTC), None
    if nothing was written.
    """

    outcome: Outcome
    created: bool
    instant: datetime | None


@dataclasses.dataclass(frozen=True, slots=True)
class EntityWritten(Written):
    """What a service did to an entity and its details."""

    uuid: UUID


@dataclasses.dataclass(frozen=True, slots=True)
class TypeWritten(Written):
    """What a service did to a type.

    ``mismatches``: how many held values do not match the pattern that was set, None where none was.
    """

    code: str
    mismatches: int | None = None

    def __add__(self, then: TypeWritten) -> TypeWritten:
        """Both, one after the other."""
        return TypeWritten(
            self.outcome + then.outcome,
            self.created or then.created,
            then.instant or self.instant,
            self.code,
            then.mismatches,
        )


def still_to_come(
    model: type[VersionedModel], things: Q, start: datetime
) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The first live version of each thing that holds at ``start`` or later, by natural key."""
    key = model.shape.key
    rows = (
        model.objects.live()
        .filter(things, Q(valid_to__isnull=True) | Q(valid_to__gt=start))
        .order_by("-valid_from")
        .values(*key, *model.shape.tracked, "valid_from", "valid_to")
    )
    return {tuple(row[name] for name in key): row for row in rows}


def hold(
    rows: dict[tuple[Any, ...], dict[str, Any]], changes: Iterable[Change], start: datetime
) -> bool:
    """Whether all that whole Changes say is so already, from ``start`` throughout their period."""
    return all(holds(rows.get(tuple(change.key.values())), change, start) for change in changes)


def holds(row: dict[str, Any] | None, change: Change, start: datetime) -> bool:
    """Live rows are the shortest description: what holds throughout stands in one row."""
    if row is None or change.payload is None or row["valid_from"] > start:
        return False
    end, until = row["valid_to"], change.valid_to
    lasts = end is None or (until is not None and end >= until)
    return lasts and all(row[name] == value for name, value in change.payload.items())
