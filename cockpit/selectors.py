"""What the cockpit reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from core.models import IngestBatch

Row = dict[str, Any]

COLUMNS = (
    "id",
    "model",
    "file",
    "size",
    "sha256",
    "options",
    "state",
    "stage",
    "bytes_read",
    "read",
    "rejected",
    "counts",
    "system_instant",
    "actor",
    "queued_at",
    "started_at",
    "finished_at",
    "cancel_requested_at",
    "attempts",
    "error",
    "preview_id",
    "rejects_id",
)


def batch_list(
    *, state: str | None, model: str | None, after: int | None, backwards: bool, limit: int
) -> list[Row]:
    """Batches in reading direction, the newest first; ``after``: the one next to the page."""
    asked = {"state": state, "model": model}
    found = IngestBatch.objects.filter(**{name: v for name, v in asked.items() if v is not None})
    if after is not None:
        found = found.filter(id__gt=after) if backwards else found.filter(id__lt=after)
    return rows(found.order_by("id" if backwards else "-id")[:limit])


def batch_row(batch_id: int) -> Row | None:
    """One batch."""
    return next(iter(rows(IngestBatch.objects.filter(id=batch_id))), None)


def rows(found: QuerySet[IngestBatch]) -> list[Row]:
    values: Iterable[Any] = found.values(*COLUMNS)
    return [row | {"percent": percent(row), "preview": row["preview_id"]} for row in values]


def percent(row: Row) -> int | None:
    """How much of the file has been read; None where its size is not known."""
    size = row["size"]
    if size is None:
        return None
    return min(100 * row["bytes_read"] // size, 100) if size else 100
