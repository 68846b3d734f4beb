"""What the cockpit reads."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import QuerySet

from core.control import ACTIVE, State, stored_states
from core.ingest.affected import COUNTED
from core.models import AppHealth, BatchStage, BatchState, IngestBatch
from core.tether import Built, TetheredAppConfig, address, built_apps, tethered

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
    "missing",
    "not_ended",
    "affected",
    "new_source",
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
    "report_id",
)


READ_PERCENT = 50
"""What of a run is over when its file is read."""


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
    return [batch_shown(row) for row in values]


def batch_shown(row: Row) -> Row:
    more = {"percent": percent(row), "preview": row["preview_id"]}
    return row | more | {"affected": {effect.value: 0 for effect in COUNTED} | row["affected"]}


def percent(row: Row) -> int | None:
    """How much of the whole run is over; None where the size of the file is not known.

    Reading a file takes about half of it, and how far the database is with the rest cannot be told.
    """
    if row["state"] in (BatchState.DONE, BatchState.DRY_RUN):
        return 100
    if row["stage"] == BatchStage.APPLYING:
        return READ_PERCENT
    size = row["size"]
    if size is None:
        return None
    return READ_PERCENT * min(row["bytes_read"], size) // size if size else 0


# Apps

NOT_TETHERED = "not_tethered"
NOT_PROBED = "unknown"
NOTHING_SEEN: Row = {
    "status": NOT_PROBED,
    "detail": "",
    "version": "",
    "last_seen": None,
    "latency_ms": None,
    "counts": {},
}


def app_list() -> list[Row]:
    """Every tethered app, in the order of the settings, then what is built but not tethered."""
    modes, pending = stored_states(), pending_migrations()
    health = {row["slug"]: row for row in AppHealth.objects.values("slug", *NOTHING_SEEN)}
    found = [
        app_row(app, modes.get(app.slug, ACTIVE), health.get(app.slug, NOTHING_SEEN))
        | {"pending_migrations": pending[app.slug]}
        for app in tethered()
    ]
    known = {row["slug"] for row in found}
    return [*found, *(untethered_row(app) for app in built_apps() if app.slug not in known)]


def app_named(slug: str) -> Row | None:
    return next((row for row in app_list() if row["slug"] == slug), None)


def app_row(app: TetheredAppConfig, state: State, seen: Row) -> Row:
    """What is known of one app. Until its service was seen, its version is that of the code."""
    return {
        **seen,
        "slug": app.slug,
        "title": app.title,
        "url": address(app.slug, app.port, os.environ),
        "version": seen["version"] or app.version,
        "mode": state.mode,
        "reason": state.reason,
        "since": state.since,
        "changed_by": state.actor or None,
    }


def untethered_row(app: Built) -> Row:
    """An app whose code is here and that no setting names: it does not run."""
    nothing = dict.fromkeys(("url", "version", "mode", "since", "changed_by", "pending_migrations"))
    detail = f"Add {app.package} to TETHERED_APPS to run it."
    known = {"slug": app.slug, "title": app.title, "status": NOT_TETHERED, "detail": detail}
    return {**NOTHING_SEEN, **nothing, **known, "reason": ""}


def pending_migrations() -> dict[str, int]:
    """By slug, how many migrations the database lacks that the app's service needs."""
    loader = MigrationLoader(connection)
    applied = set(loader.applied_migrations)
    return {
        app.slug: len(
            {
                needed
                for leaf in loader.graph.leaf_nodes(app.label)
                for needed in loader.graph.forwards_plan(leaf)
            }
            - applied
        )
        for app in tethered()
    }
