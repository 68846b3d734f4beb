"""Uploaded files as batches: queued, applied after a look, cancelled.

Each is one transaction, but for the bytes of a file, leaves an entry in the audit log, and is told
by ``context`` who does it. A worker runs what is queued (``core.ingest.background``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from django.db import transaction
from django.db.models.functions import Now

from core.ingest.asked import Asked
from core.ingest.batches import CANCELLED, described, end
from core.ingest.delimited import Dialect, read_csv, separator_of
from core.ingest.door import Door
from core.ingest.encodings import encoding_named
from core.ingest.jsonl import read_jsonl
from core.ingest.kept import BATCH_PREFIX, Readable, keep
from core.ingest.queue import wake_for
from core.ingest.rows import Unreadable
from core.ingest.source import Source
from core.models import OPEN_STATES, AuditAction, BatchState, IngestBatch, KeptFile
from core.models.audit_log import record
from core.models.scd2.change import Context
from core.models.scd2.exceptions import InvalidChange, Scd2Error
from core.tempdir import temporary_directory
from core.tether import doors
from core.transactions import atomic_write

BEGINNING = 1024 * 1024
"""The bytes of an upload, and unpacked ones, in which its first row is looked for."""
APPLIED = (*OPEN_STATES, BatchState.DONE)
"""The states in which a dry run has been applied, or is about to be."""


class BatchConflict(Scd2Error):
    """What is asked for does not go with the state of the batch."""

    code = "batch_conflict"


class BatchNotFound(Scd2Error):
    """There is no such batch."""

    code = "not_found"


@contextmanager
def kept_upload(
    *, model: str, name: str, stream: Upload, limit: int, asked: Asked
) -> Iterator[KeptFile]:
    """A file that is kept; at the end it is gone again unless a batch has it.

    Raises TooLarge beyond ``limit`` bytes, and InvalidChange for a model that takes no files, for
    options that contradict each other, and where the first row has no name for want of a source.
    The bytes are kept piece by piece: however large the file is, no transaction waits for it.
    """
    door = door_for(model)
    door.full(asked)
    adapter = door.asked(asked)
    adapter.new_sources()
    adapter.refuse_nameless(first_fields(stream, asked))
    upload = keep(name, stream, limit)
    try:
        yield upload
    finally:
        KeptFile.objects.filter(pk=upload.pk, batches=None).delete()


class Upload(Readable, Protocol):
    """A file that can be read again from its beginning."""

    def seek(self, offset: int, /) -> Any: ...


def first_fields(stream: Upload, asked: Asked) -> list[str]:
    """The columns of a CSV, or the fields of the first object; none where they cannot be read."""
    fields: list[str] = []
    with temporary_directory(BATCH_PREFIX) as folder:
        path = folder / "beginning"
        path.write_bytes(stream.read(BEGINNING))
        stream.seek(0)
        encoding = encoding_named(asked.encoding) if asked.encoding else None
        source = Source(str(path), unpacked=BEGINNING, form=asked.format, encoding=encoding)
        # Whatever is wrong with the file is for its batch to say.
        with suppress(Unreadable), source.lines() as lines:
            if asked.format == "csv":
                separator = asked.delimiter or separator_of(lines.first())
                next(read_csv(path.name, lines, fields.extend, Dialect(separator)), None)
            elif isinstance(content := next(read_jsonl(path.name, lines))[-1], Mapping):
                fields.extend(name for name, value in content.items() if value is not None)
    return fields


def batch_upload(*, model: str, upload: KeptFile, asked: Asked, context: Context) -> IngestBatch:
    """Queue a file that is kept. ``model``: the label of what its rows are about."""
    return queue(model, upload, asked, context)


def door_for(model: str) -> type[Door]:
    """Raises InvalidChange."""
    door = doors().get(model)
    if door is None:
        raise InvalidChange(f"There is no app that takes files of {model}.", field="model")
    return door


@atomic_write
def queue(
    model: str, upload: KeptFile, asked: Asked, context: Context, preview: IngestBatch | None = None
) -> IngestBatch:
    batch = IngestBatch.objects.create(
        model=model,
        file=upload.name,
        sha256=upload.sha256,
        size=upload.size,
        options=asked.as_json(),
        state=BatchState.QUEUED,
        actor=context.actor,
        actor_id=context.actor_id,
        client_address=context.client_address,
        request_id=context.request_id,
        queued_at=Now(),
        started_at=None,
        upload=upload,
        preview=preview,
    )
    batch.refresh_from_db()
    note(context, batch, None)
    wake_for(batch.pk)
    return batch


@atomic_write
def batch_apply(*, batch_id: int, context: Context) -> IngestBatch:
    """Queue what a dry run has shown. Raises BatchConflict unless it is one that can be applied."""
    shown = locked(batch_id)
    if shown.state != BatchState.DRY_RUN:
        raise BatchConflict(f"Batch {batch_id} is no dry run that has ended: it is {shown.state}.")
    if shown.upload is None:
        raise BatchConflict(f"The file of batch {batch_id} is not kept any more; upload it again.")
    if applied := shown.applications.filter(state__in=APPLIED).first():
        raise BatchConflict(f"Batch {batch_id} is applied already, by batch {applied.pk}.")
    asked = dataclasses.replace(Asked.from_json(shown.options), dry_run=False)
    return queue(shown.model, shown.upload, asked, context, shown)


@atomic_write
def batch_cancel(*, batch_id: int, context: Context) -> IngestBatch:
    """End a batch before it has written anything. Raises BatchConflict for one that is over.

    One in the queue is cancelled at once. One that runs will be, within moments: from now on
    its load cannot be committed any more.
    """
    batch = locked(batch_id)
    if not batch.is_open:
        raise BatchConflict(f"Batch {batch_id} is over: it is {batch.state}.")
    found = IngestBatch.objects.filter(id=batch_id)
    before = described(batch)
    if batch.state == BatchState.QUEUED:
        end(found, BatchState.CANCELLED, error=CANCELLED)
    if batch.cancel_requested_at is None:
        found.update(cancel_requested_at=Now())
        batch.refresh_from_db()
        note(context, batch, before)
    return batch


def rejects_of(batch_id: int) -> KeptFile:
    """The rejected rows. Raises BatchNotFound where there are none, or none any more."""
    kept = KeptFile.objects.filter(rejecting=batch_id).first()
    if kept is None:
        raise BatchNotFound(f"No rejected rows of batch {batch_id} are kept.")
    return kept


def report_of(batch_id: int) -> tuple[KeptFile, IngestBatch]:
    """The names of what a batch affects. Raises BatchNotFound where there are none, or no more."""
    batch = IngestBatch.objects.filter(id=batch_id).select_related("report").first()
    if batch is None or batch.report is None:
        raise BatchNotFound(f"No report of batch {batch_id} is kept.")
    return batch.report, batch


def locked(batch_id: int) -> IngestBatch:
    """The batch, which waits until this transaction is over. Raises BatchNotFound."""
    assert transaction.get_connection().in_atomic_block
    batch = IngestBatch.objects.select_for_update(of=("self",)).filter(id=batch_id).first()
    if batch is None:
        raise BatchNotFound(f"There is no batch {batch_id}.")
    return batch


def note(context: Context, batch: IngestBatch, before: Mapping[str, Any] | None) -> None:
    record(
        dataclasses.replace(context, batch=str(batch.pk)),
        model_label=IngestBatch._meta.label_lower,
        key={"id": batch.pk},
        before=before,
        after=described(batch),
        action=AuditAction.OPENED if before is None else AuditAction.CHANGED,
    )
