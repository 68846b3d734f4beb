"""The record of runs: one IngestBatch each, from its start to what became of it.

All but ``batch_done`` are called on a connection of their own, so that they are seen while the
load is going on and stay if it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from core.models import AuditAction, BatchState, IngestBatch
from core.models.audit_log import record
from core.models.scd2.change import Context, Outcome, Result
from core.models.scd2.exceptions import Scd2Error
from core.models.scd2.versioning import Shape
from core.sql import read_sql

ORPHANED = "The process ended before the load did; nothing of it was written."
CANCELLED = "It was cancelled; nothing of it was written."
TRIED = "It was tried {} times, and every time the process ended before the load did."
TAKEN = "Batch {} was taken for abandoned, and is not this process's any more."
ATTEMPTS = 5
"""How often a batch is taken up again after the process that ran it has ended."""
Counts = dict[str, dict[str, int]]
AUDITED = (
    "file",
    "sha256",
    "options",
    "state",
    "cancel_requested_at",
    "read",
    "rejected",
    "missing",
    "not_ended",
    "counts",
)


class NotToBeRun(Scd2Error):
    """The batch is over, or another process runs it."""

    code = "not_to_be_run"


class Cancelled(Scd2Error):
    """Somebody asked for the load to end; nothing of it was written."""

    code = "cancelled"


def batch_start(**values: Any) -> IngestBatch:
    """A new running batch; those whose process is gone are noted as failed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(read_sql("batch_orphans.sql"))
        orphans = [row[0] for row in cursor.fetchall()]
        end(IngestBatch.objects.filter(id__in=orphans), BatchState.FAILED, error=ORPHANED)
        batch = IngestBatch.objects.create(state=BatchState.RUNNING, **values)
        cursor.execute(read_sql("batch_hold.sql"), {"id": batch.pk})
    return batch


def batch_take(batch_id: int) -> IngestBatch:
    """Begin a batch of the queue, or one whose process is gone anew.

    Raises NotToBeRun for one that is over or that another process runs: what is done was written
    in the transaction of its load, so nothing is ever loaded twice.
    """
    if not take(batch_id):
        raise NotToBeRun(f"Batch {batch_id} is run by another process.")
    end_what_cannot_go_on(batch_id)
    taken = waiting(batch_id).update(
        state=BatchState.RUNNING,
        started_at=Now(),
        attempts=F("attempts") + 1,
        **NOTHING_YET,
    )
    if not taken:
        raise NotToBeRun(f"Batch {batch_id} is over.")
    return IngestBatch.objects.get(id=batch_id)


NOTHING_YET = {
    "stage": "",
    "read": 0,
    "rejected": 0,
    "bytes_read": 0,
    "missing": 0,
    "not_ended": 0,
    "new_source": "",
    "affected": {},
}


def waiting(batch_id: int) -> Any:
    return IngestBatch.objects.filter(
        id=batch_id, state__in=(BatchState.QUEUED, BatchState.RUNNING), queued_at__isnull=False
    )


def end_what_cannot_go_on(batch_id: int) -> None:
    """A batch that was cancelled when its process ended, or that ends every process."""
    found = waiting(batch_id)
    end(found.filter(cancel_requested_at__isnull=False), BatchState.CANCELLED, error=CANCELLED)
    end(found.filter(attempts__gte=ATTEMPTS), BatchState.FAILED, error=TRIED.format(ATTEMPTS))


def batch_requeue(batch_id: int) -> None:
    """The process has to end and the load with it: another one takes the batch up again."""
    IngestBatch.objects.filter(id=batch_id, state=BatchState.RUNNING).update(
        state=BatchState.QUEUED, started_at=None, **NOTHING_YET
    )
    let_go(batch_id)


def batch_fail(batch_id: int, sentence: str) -> None:
    """Say why a batch of the queue could not even begin; one that began said it by itself."""
    if take(batch_id):
        end(waiting(batch_id), BatchState.FAILED, error=sentence)
        let_go(batch_id)


def batch_progress(batch_id: int, **values: Any) -> None:
    IngestBatch.objects.filter(id=batch_id).update(**values)


def is_cancelled(batch_id: int) -> bool:
    """Whether somebody asked for the end of a running batch."""
    found = IngestBatch.objects.filter(id=batch_id, cancel_requested_at__isnull=False)
    return found.exists()


def batch_end(
    batch_id: int, state: BatchState, *, ending: Callable[[], None] = lambda: None, **values: Any
) -> None:
    """Say what became of a batch that is still running, and let it go.

    ``ending`` is called in the same transaction, if it is.
    """
    running = IngestBatch.objects.filter(id=batch_id, state=BatchState.RUNNING)
    asked = running.filter(cancel_requested_at__isnull=False)
    with transaction.atomic():
        cancelled = values | {"counts": {}, "error": CANCELLED}
        if end(asked, BatchState.CANCELLED, **cancelled) or end(running, state, **values):
            ending()
    let_go(batch_id)


def batch_done(batch: IngestBatch, result: Result, context: Context, **values: Any) -> None:
    """Note the success in the transaction of the load; audited if anything was written.

    Raises Cancelled if somebody asked for that meanwhile; whoever asks later waits for this
    transaction and learns that the load is done. Raises NotToBeRun if the connection that held
    the batch was lost and another process has taken it: the lock is not the last word, this is.
    """
    known = described(batch) if batch.queued_at else None
    ours = IngestBatch.objects.filter(
        id=batch.pk, state=BatchState.RUNNING, attempts=batch.attempts
    )
    running = ours.filter(cancel_requested_at__isnull=True)
    if not end(running, BatchState.DONE, system_instant=result.instant, **values):
        raise Cancelled(CANCELLED) if ours.exists() else NotToBeRun(TAKEN.format(batch.pk))
    if result.instant is not None:
        batch.refresh_from_db()
        record(
            context,
            model_label=IngestBatch._meta.label_lower,
            key={"id": batch.pk},
            before=known,
            after=described(batch),
            action=AuditAction.CHANGED if known else AuditAction.OPENED,
        )


def counts_of(container: Shape, result: Result | None) -> Counts:
    """What a load did, by what the models are called in the plural; zeros where it did nothing."""
    totals = result.totals if result else {}
    return {
        str(shape.model._meta.verbose_name_plural): totals.get(shape.model, Outcome()).as_dict()
        for shape in (container, *container.contents)
    }


def described(batch: IngestBatch) -> Mapping[str, Any]:
    return {name: getattr(batch, name) for name in AUDITED}


def end(batches: Any, state: BatchState, **values: Any) -> int:
    ended: int = batches.update(state=state, stage="", finished_at=Now(), **values)
    return ended


def take(batch_id: int) -> bool:
    """Whether the lock on the batch could be had; it is kept as long as this connection."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("batch_take.sql"), {"id": batch_id})
        taken: bool = cursor.fetchone()[0]
    return taken


def let_go(batch_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(read_sql("batch_let_go.sql"), {"id": batch_id})
