"""What the types of entities and of details are and were. ``model`` says which of the two.

Instants and pages are those of ``selectors``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.db import clock
from core.models.scd2.history import Position, as_known, history, lifetimes
from entities.models import DetailType, EntityType

Row = dict[str, Any]
TypeModel = type[EntityType] | type[DetailType]

PERIOD = ("valid_from", "valid_to", "closed_at", "system_from", "hash_diff")


def type_snapshot(
    model: TypeModel, code: str, *, as_of: datetime | None = None, known_at: datetime | None = None
) -> Row | None:
    """A type as it is at an instant; None where it is not valid. ``versions`` names the row."""
    rows = model.objects.as_of(as_of or clock(), known_at).filter(code=code)
    for row in rows.values("id", "code", *model.shape.tracked, *PERIOD):
        return {"versions": [row.pop("id")], **shown(row, known_at)}
    return None


def type_list(
    model: TypeModel,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    ordering: str = "code",
    after: tuple[str] | None = None,
    limit: int,
) -> list[Row]:
    """A page of the types valid at ``as_of``, by code or, with ``-code``, backwards."""
    rows = model.objects.as_of(as_of or clock(), known_at)
    if after is not None:
        rows = rows.filter(**{"code__lt" if ordering.startswith("-") else "code__gt": after[0]})
    page = rows.order_by(ordering).values("code", *model.shape.tracked, *PERIOD)[:limit]
    return [shown(row, known_at) for row in page]


def type_history(
    model: TypeModel,
    code: str,
    *,
    known_at: datetime | None = None,
    superseded: bool = False,
    after: Position | None = None,
    limit: int,
) -> list[Row]:
    """Versions of a type, newest first, each with its ``position``."""
    items = history(
        [model.shape], code, known_at=known_at, superseded=superseded, after=after, limit=limit
    )
    return [{**item.version, "position": item.position} for item in items]


def type_periods(
    model: TypeModel, code: str, *, known_at: datetime | None = None
) -> list[tuple[datetime, datetime | None]]:
    """The lifetimes of a type in order; the end of the last may be open (None)."""
    return lifetimes(model.shape, (code,), known_at)


def shown(row: Row, known_at: datetime | None) -> Row:
    """A version as it stood at ``known_at``."""
    version = as_known(row, known_at)
    del version["closed_at"]
    version["is_current"] = version["valid_to"] is None
    version["hash_diff"] = bytes(version["hash_diff"]).hex()
    return version
