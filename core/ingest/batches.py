"""The record of runs: one IngestBatch each, from its start to what became of it.

All but ``batch_done`` are called on a connection of their own, so that they are seen while the
load is going on and stay if it fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from core.models import AuditAction, BatchState, IngestBatch
from core.models.audit_log import record
from core.models.scd2.change import Context, Result
from core.sql import read_sql

ORPHANED = "The process ended before the load did; nothing of it was written."
AUDITED = ("file", "sha256", "options", "read", "rejected", "counts")


def batch_start(**values: Any) -> IngestBatch:
    """A new running batch; those whose process is gone are noted as failed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(read_sql("batch_orphans.sql"))
        orphans = [row[0] for row in cursor.fetchall()]
        end(IngestBatch.objects.filter(id__in=orphans), BatchState.FAILED, error=ORPHANED)
        batch = IngestBatch.objects.create(state=BatchState.RUNNING, **values)
        cursor.execute(read_sql("batch_hold.sql"), {"id": batch.pk})
    return batch


def batch_progress(batch_id: int, *, read: int, rejected: int) -> None:
    IngestBatch.objects.filter(id=batch_id).update(read=read, rejected=rejected)


def batch_end(batch_id: int, state: BatchState, **values: Any) -> None:
    """Say what became of a batch that is still running, and let it go."""
    end(IngestBatch.objects.filter(id=batch_id, state=BatchState.RUNNING), state, **values)
    with connection.cursor() as cursor:
        cursor.execute(read_sql("batch_let_go.sql"), {"id": batch_id})


def batch_done(batch: IngestBatch, result: Result, context: Context, **values: Any) -> None:
    """Note the success in the transaction of the load; audited if anything was written."""
    end(
        IngestBatch.objects.filter(id=batch.pk),
        BatchState.DONE,
        system_instant=result.instant,
        **values,
    )
    if result.instant is not None:
        batch.refresh_from_db()
        record(
            context,
            model_label=IngestBatch._meta.label_lower,
            key={"id": batch.pk},
            before=None,
            after=described(batch),
            action=AuditAction.OPENED,
        )


def described(batch: IngestBatch) -> Mapping[str, Any]:
    return {name: getattr(batch, name) for name in AUDITED}


def end(batches: Any, state: BatchState, **values: Any) -> None:
    batches.update(state=state, finished_at=Now(), **values)
