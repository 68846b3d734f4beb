"""What the queue knows of batches: their numbers.

A job is no more than a call to wake up. What is to be done, the batches say; so a job that is
lost, or that comes twice, does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, JobAborted
from procrastinate.jobs import JobDeferrer

QUEUE = "batches"


@app.task(queue=QUEUE, pass_context=True)
def run_batch(context: JobContext, *, batch_id: int) -> None:
    """Run a batch unless it is over, or another process runs it."""
    from core.ingest.background import run
    from core.ingest.watch import Interrupted

    try:
        run(batch_id, stop=context.should_abort)
    except Interrupted as error:
        raise JobAborted from error


def wake_for(batch_id: int) -> None:
    """Let a worker run the batch once this transaction is committed."""
    call(batch_id).defer(batch_id=batch_id)


async def wake_again(batch_ids: Iterable[int]) -> None:
    """Let a worker run batches that no waiting job may stand for any more."""
    for batch_id in batch_ids:
        with suppress(AlreadyEnqueued):
            await call(batch_id).defer_async(batch_id=batch_id)


def call(batch_id: int) -> JobDeferrer:
    """Of one batch, one job waits at a time."""
    return run_batch.configure(queueing_lock=f"{QUEUE}-{batch_id}")
