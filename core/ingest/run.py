"""A run of the ingestion, from the file to its IngestBatch."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from core.db import as_owner
from core.ingest.affected import Affected, Entry
from core.ingest.batches import (
    Cancelled,
    Counts,
    NotToBeRun,
    batch_done,
    batch_end,
    batch_progress,
    batch_requeue,
    batch_start,
    batch_take,
    counts_of,
)
from core.ingest.door import Door
from core.ingest.encodings import encoding_named
from core.ingest.full import Full, TooMany
from core.ingest.json_lines import Unwritable
from core.ingest.loading import Loading
from core.ingest.own_connection import OwnConnection
from core.ingest.progress import Progress
from core.ingest.rejects import Rejects, Say
from core.ingest.rows import Unreadable
from core.ingest.source import Source
from core.ingest.timelines import Timelines
from core.ingest.watch import Interrupted, Watch
from core.models import BatchStage, BatchState, IngestBatch
from core.models.scd2.affected import Effect
from core.models.scd2.change import Context, Result
from core.models.scd2.exceptions import AppNotActive, DatabaseUnavailable, Scd2Error
from core.models.scd2.staging import Load
from core.personal import sight_of_shell

WAITING_HELPS = (Interrupted, DatabaseUnavailable, AppNotActive)
"""After these the batch of a queue goes back to it: another run may come further."""
NOTED_EVERY = 1.0
"""Seconds between two notes of the progress in the batch."""


@dataclasses.dataclass(frozen=True)
class Job:
    """What to load, how, and on whose behalf.

    ``context.system_instant`` makes it a backfill; for that, and for an ``initial`` load, the owner
    role is taken.
    ``options``: what the batch says about how it was asked for. ``rejects``: the file for rows
    that are rejected; without one, ``say`` gets the first of them. ``full``: what a file that is
    all of its source ends; None is a delta. ``timelines``: of a file whose rows are
    whole timelines. ``last_wins``: of rows of a thing with one start the last counts.

    ``effective``: before it lies what the load corrects, None is the instant of the load.
    ``report``: the file for the things that it affects, all by name. ``masked``: names that are
    personal data are left out there.

    ``encoding``: of the text, by a name of Python's; ``separator``: of the cells of a CSV, None is
    the one that its header has. ``unpacked``: how many bytes a packed file may unpack to; None is
    no limit.

    ``queued`` is the batch that waits for this run; it goes back to the queue when ``stop``,
    asked twice a second, says that this process has to end. ``name``: what the file is called
    where that is not its path. ``ending`` is called in the transaction that says what became of
    the batch.
    """

    path: str
    form: str
    context: Context
    options: Mapping[str, Any]
    strict: bool = False
    dry_run: bool = False
    initial: bool = False
    rejects: str | None = None
    effective: datetime | None = None
    report: str | None = None
    masked: bool = True
    encoding: str | None = None
    separator: str | None = None
    progress: bool = False
    say: Say = print
    full: Full | None = None
    timelines: Timelines | None = None
    last_wins: bool = False
    unpacked: int | None = None
    queued: int | None = None
    name: str | None = None
    stop: Callable[[], bool] = lambda: False
    ending: Callable[[], None] = lambda: None


@dataclasses.dataclass(frozen=True)
class Report:
    """What a run did; ``state`` is ``refused`` where a brake or strictness kept everything out.

    ``error``: what the brake says. ``missing``: how many valid things of its source a full file
    lacks; ``not_ended``: how many of their ends were held back because a rejected row may be about
    any of them; ``sentence`` says so. ``affected``: how many things were ended, corrected and
    overtaken; ``named``: the first of them. ``new_source``: the sources, joined by commas, of which
    nothing was known before.
    """

    batch: int
    state: BatchState
    read: int
    rejected: int
    counts: Counts
    seconds: float
    missing: int = 0
    not_ended: int = 0
    affected: Mapping[str, int] = dataclasses.field(default_factory=dict)
    named: Mapping[Effect, Sequence[Entry]] = dataclasses.field(default_factory=dict)
    new_source: str = ""
    sentence: str = ""
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "batch": self.batch,
            "read": self.read,
            "rejected": self.rejected,
            **self.counts,
            "missing": self.missing,
            "not_ended": self.not_ended,
            "affected": self.affected,
            "new_source": self.new_source or None,
            "seconds": round(self.seconds, 3),
        }


def ingest(job: Job, door: Callable[[], Door]) -> Report:
    """Load one file: all of it that can be loaded, in one transaction, or nothing.

    ``door`` is called on the connection of the load. Raises Unreadable, Unwritable,
    Interrupted, NotToBeRun for a queued batch that is over or runs elsewhere, and what the
    engine refuses altogether (Scd2Error), Cancelled among it.
    """
    with (
        closing(source_of(job)) as source,
        OwnConnection() as aside,
        Rejects(job.rejects, job.say) as rejects,
        Affected(job.report, job.effective) as affected,
        Progress(source, job.progress) as progress,
        as_owner() if job.context.system_instant or job.initial else nullcontext(),
    ):
        return Run(job, source, rejects, progress, aside, affected=affected).run(door())


def source_of(job: Job) -> Source:
    encoding = encoding_named(job.encoding) if job.encoding else None
    return Source(job.path, job.name, job.unpacked, form=job.form, encoding=encoding)


class Run:
    """One run and its batch, which is kept on a connection of its own."""

    def __init__(
        self,
        job: Job,
        source: Source,
        rejects: Rejects,
        progress: Progress,
        aside: OwnConnection,
        *,
        affected: Affected,
    ) -> None:
        self.job = job
        self.source = source
        self.rejects = rejects
        self.new_sources: Sequence[str] = ()
        self.affected = affected
        self.progress = progress
        self.aside = aside
        self.started = self.noted = time.monotonic()

    def run(self, door: Door) -> Report:
        self.door = door
        self.batch = self.aside.call(self.begin)
        self.context = dataclasses.replace(self.job.context, batch=str(self.batch.pk))
        if self.job.masked:
            self.affected.mask = sight_of_shell(open_=False).marked.get(door.shape.label)
        self.loading = Loading(
            door,
            self.source,
            self.job.form,
            self.rejects,
            self.job.full,
            affected=self.affected,
            separator=self.job.separator,
            timelines=self.job.timelines,
            last_wins=self.job.last_wins,
        )
        app_label = self.door.shape.model._meta.app_label
        with Watch(self.aside, self.batch.pk, app_label, self.job.stop) as self.watch:
            try:
                result = self.load()
            except TooMany as error:
                return self.refused(str(error))
            except BaseException as error:
                self.failed(self.watch.cause or error)
                if self.watch.cause:
                    raise self.watch.cause from error
                raise
        return self.report(result)

    def begin(self) -> IngestBatch:
        if self.job.queued is not None:
            return batch_take(self.job.queued)
        return batch_start(
            model=self.door.shape.label,
            file=self.job.name or Path(self.job.path).name,
            size=self.source.size,
            options=dict(self.job.options),
            actor=self.job.context.actor,
            actor_id=self.job.context.actor_id,
        )

    def failed(self, error: BaseException) -> None:
        """Note why; what another process will do better goes back to the queue."""
        if isinstance(error, NotToBeRun):
            return  # whoever has it says what becomes of it
        if self.job.queued is not None and isinstance(error, WAITING_HELPS):
            self.aside.call(batch_requeue, self.batch.pk)
        elif isinstance(error, Cancelled):
            self.end(BatchState.CANCELLED, error=sentence_of(error))
        else:
            self.end(BatchState.FAILED, error=sentence_of(error))

    def load(self) -> Result | None:
        self.new_sources = self.door.new_sources()
        with Load(self.door.shape, initial=self.job.initial) as load:
            self.loading.stage(load, self.tell)
            self.new_sources = self.door.new_sources()
            self.progress.loading()
            self.note(stage=BatchStage.APPLYING)
            return self.loading.apply(
                load,
                self.context,
                strict=self.job.strict,
                dry_run=self.job.dry_run,
                done=self.done,
            )

    def tell(self, read: int) -> None:
        """Show the progress; note it in the batch every now and then."""
        self.progress.reading(read)
        self.watch.check()
        if time.monotonic() - self.noted > NOTED_EVERY:
            self.note(stage=BatchStage.READING)

    def note(self, **values: Any) -> None:
        self.noted = time.monotonic()
        self.aside.call(
            batch_progress,
            self.batch.pk,
            read=self.loading.read,
            bytes_read=self.source.read,
            rejected=self.rejects.count,
            **values,
        )

    def done(self, result: Result) -> None:
        """Called inside the transaction of the load."""
        full = self.job.full.as_batch(result) if self.job.full else {}
        counts = self.counts(result)
        batch_done(self.batch, result, self.context, counts=counts, **full, **self.facts())
        self.ending()

    def ending(self) -> None:
        self.rejects.flush()
        self.affected.flush()
        self.job.ending()

    def report(self, result: Result | None) -> Report:
        if result is None:
            self.end(BatchState.REFUSED, error=f"{self.rejects.count} rows were rejected.")
            return self.reported(BatchState.REFUSED, None)
        state = BatchState.DRY_RUN if self.job.dry_run else BatchState.DONE
        self.end(state, counts=self.counts(result))
        return self.reported(state, result)

    def refused(self, error: str) -> Report:
        self.end(BatchState.REFUSED, error=error)
        return self.reported(BatchState.REFUSED, None, error=error)

    def reported(self, state: BatchState, result: Result | None, error: str = "") -> Report:
        full = self.job.full
        return Report(
            batch=self.batch.pk,
            state=state,
            read=self.loading.read,
            rejected=self.rejects.count,
            counts=self.counts(result),
            seconds=time.monotonic() - self.started,
            affected=self.affected.as_dict(),
            named=self.affected.first,
            new_source=", ".join(self.new_sources),
            sentence=full.sentence if full else "",
            error=error,
            **self.lacking(),
        )

    def counts(self, result: Result | None) -> Counts:
        return counts_of(self.door.shape, result)

    def facts(self) -> dict[str, Any]:
        return {
            "read": self.loading.read,
            "rejected": self.rejects.count,
            "bytes_read": self.source.read,
            "affected": self.affected.as_dict(),
            "new_source": ", ".join(self.new_sources),
            **self.lacking(),
            **({"sha256": self.source.sha256} if self.source.sha256 else {}),
        }

    def lacking(self) -> dict[str, int]:
        """What the file lacks of its source."""
        full = self.job.full
        if full is None:
            return {}
        return {"missing": full.missing.lacking, "not_ended": full.not_ended}

    def end(self, state: BatchState, **values: Any) -> None:
        """A batch that is done said so in its own transaction, and is only let go."""
        self.aside.call(
            batch_end, self.batch.pk, state, ending=self.ending, **self.facts(), **values
        )


def sentence_of(error: BaseException) -> str:
    if isinstance(error, Unreadable | Unwritable | Scd2Error):
        return str(error)
    if isinstance(error, KeyboardInterrupt | SystemExit):
        return "It was interrupted; nothing of it was written."
    return f"It failed unexpectedly ({type(error).__name__}); nothing of it was written."
