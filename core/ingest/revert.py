"""Taking a batch back: a batch of its own, which asserts again what was believed before."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import transaction

from core.ingest.batches import Counts, batch_done, batch_end, batch_start, counts_of
from core.ingest.full_loads import next_full_load, one_at_a_time
from core.ingest.own_connection import OwnConnection
from core.models import BatchState, IngestBatch
from core.models.scd2.bulk import apply_load
from core.models.scd2.change import Context, Result
from core.models.scd2.exceptions import Conflict, Scd2Error
from core.models.scd2.revert import Later, Taken
from core.models.scd2.staging import Load
from core.models.scd2.versioning import Shape
from core.transactions import atomic_write

ATTEMPTS = 5
"""How often it is begun anew because somebody changed the same things meanwhile."""
NAMED = 10
"""How many later changes are named."""


class CannotRevert(Scd2Error):
    """There is no such batch, or nothing that could be taken back."""

    code = "cannot_revert"


class LaterChanges(Conflict):
    """Later changes stand on top of the batch; nothing was written."""

    code = "later_changes"


class Overtaken(Scd2Error):
    """Somebody changed the same things between the look at the log and the locks."""

    code = "overtaken"


@dataclasses.dataclass(frozen=True)
class Reversal:
    """What became of a batch that was taken back.

    ``kept``: how often a later change stood on top, which was left as it is.
    """

    batch: int
    reverted: int
    state: BatchState
    kept: int
    counts: Counts
    seconds: float

    def as_json(self) -> dict[str, Any]:
        return {
            "batch": self.batch,
            "reverted": self.reverted,
            "kept": self.kept,
            **self.counts,
            "seconds": round(self.seconds, 3),
        }


def revert_batch(
    batch: int, context: Context, *, keep_later: bool = False, dry_run: bool = False
) -> Reversal:
    """Take a batch back in one transaction, over exactly the periods that it changed.

    ``keep_later`` leaves those periods as they are on which later changes stand; without it
    they refuse all of it. Raises CannotRevert, LaterChanges, and what the engine refuses.
    """
    original = revertible(batch)
    context = dataclasses.replace(context, reason=context.reason or f"Revert of batch {batch}")
    options = {"reverts": batch, "keep_later": keep_later, "dry_run": dry_run}
    with OwnConnection() as aside:
        made = aside.call(
            batch_start,
            model=original.model,
            file=f"revert of batch {batch}",
            options=options | {"reason": context.reason},
            actor=context.actor,
        )
        context = dataclasses.replace(context, batch=str(made.pk))
        run = Run(made, original, context, keep_later, dry_run)
        try:
            return run.run(lambda *said, **values: aside.call(batch_end, made.pk, *said, **values))
        except BaseException as error:
            refused = isinstance(error, LaterChanges)
            state = BatchState.REFUSED if refused else BatchState.FAILED
            sentence = str(error) if isinstance(error, Scd2Error) else type(error).__name__
            aside.call(batch_end, made.pk, state, error=sentence)
            raise


def revertible(pk: int) -> IngestBatch:
    """Raises CannotRevert."""
    batch = IngestBatch.objects.filter(pk=pk).first()
    if batch is None:
        raise CannotRevert(f"There is no batch {pk}.")
    if batch.state != BatchState.DONE or batch.system_instant is None:
        state = "done" if batch.state == BatchState.DONE else batch.get_state_display()
        raise CannotRevert(f"Batch {pk} ({state}) wrote nothing that could be taken back.")
    return batch


class Run:
    """One reversal and its batch."""

    def __init__(
        self,
        batch: IngestBatch,
        original: IngestBatch,
        context: Context,
        keep_later: bool,
        dry_run: bool,
    ) -> None:
        self.batch = batch
        self.original = original
        self.context = context
        self.keep_later = keep_later
        self.dry_run = dry_run
        self.shape: Shape = apps.get_model(original.model).shape
        assert original.system_instant is not None
        self.taken = Taken(str(original.pk), original.system_instant)
        self.kept = 0

    def run(self, end: Callable[..., None]) -> Reversal:
        started = time.monotonic()
        result = self.persistently()
        state = BatchState.DRY_RUN if self.dry_run else BatchState.DONE
        counts = counts_of(self.shape, result)
        end(state, counts=counts)
        seconds = time.monotonic() - started
        return Reversal(self.batch.pk, self.original.pk, state, self.kept, counts, seconds)

    def persistently(self) -> Result:
        for _ in range(ATTEMPTS - 1):
            try:
                return self.attempt()
            except Overtaken:
                continue
        return self.attempt()

    def attempt(self) -> Result:
        with self.alone(), Load(self.shape) as load:
            self.kept = self.taken.count_later(load)
            if self.kept and not self.keep_later:
                raise LaterChanges(named(self.taken.later(load, NAMED), self.original.pk))
            self.taken.stage(load)
            load.prepare()
            return self.apply(load)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No full load of the source meanwhile: from the next later one on, what this one said was
        said again, or otherwise.
        """
        original = self.original
        if original.speaks_from is None or original.speaks_for is None:
            yield
            return
        with one_at_a_time(original.model, original.speaks_for):
            limit = next_full_load(original.model, original.speaks_for, original.speaks_from)
            self.taken = dataclasses.replace(self.taken, limit=limit)
            yield

    @atomic_write
    def apply(self, load: Load) -> Result:
        def check(instant: datetime) -> None:
            if self.taken.count_later(load) != self.kept:
                raise Overtaken("The same things are being changed all the time; try again.")

        result = apply_load(load, self.context, check=check)
        if self.dry_run:
            transaction.set_rollback(True)
        else:
            counts = counts_of(self.shape, result)
            batch_done(self.batch, result, self.context, counts=counts)
        return result


def named(later: list[Later], batch: int) -> str:
    """What stands on top, one sentence and a line each."""
    lines = [
        f"  {one.model} {' '.join(map(str, one.natural_key.values()))} "
        f"from {one.valid_from.isoformat()}"
        f"{f' to {one.valid_to.isoformat()}' if one.valid_to else ''}, "
        f"by {one.actor} at {one.instant.isoformat()}"
        f"{f' (batch {one.batch})' if one.batch else ''}"
        for one in later
    ]
    return "\n".join(
        [f"Later changes stand on top of batch {batch}; nothing was written. The first:", *lines]
    )
