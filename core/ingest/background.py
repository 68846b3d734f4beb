"""Running a batch of the queue, in a worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import InterfaceError, OperationalError, connection

from core.contexts import limits_of
from core.control import refuse_inactive
from core.ingest.asked import Asked
from core.ingest.batches import NotToBeRun, batch_fail
from core.ingest.door import Door
from core.ingest.json_lines import Unwritable
from core.ingest.kept import BATCH_PREFIX, keep_path, restore
from core.ingest.rights import refuse_loader
from core.ingest.rows import Unreadable
from core.ingest.run import Job, ingest, sentence_of
from core.ingest.timelines import Timelines
from core.ingest.watch import Interrupted
from core.models import IngestBatch
from core.models.scd2.change import Channel, Context
from core.models.scd2.exceptions import AppNotActive, DatabaseUnavailable, NotAllowed, Scd2Error
from core.sql import read_sql
from core.tempdir import temporary_directory
from core.tether import doors

log = structlog.get_logger(__name__)

REFUSED = (Scd2Error, Unreadable, Unwritable)
UNPACKED = 20
"""How many times ``UPLOAD_MAX_BYTES`` a file may unpack to. Registers shrink to a tenth; what
shrinks much further is meant to fill the disk of the database."""
INTERRUPTED = (Interrupted, DatabaseUnavailable, OperationalError, InterfaceError)
"""After these another run may come further."""


def batches_waiting() -> list[int]:
    """Batches that no process runs though they are not over, of apps that are active."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("batches_waiting.sql"))
        return [row[0] for row in cursor.fetchall()]


def run(batch_id: int, *, stop: Callable[[], bool]) -> None:
    """Run a batch unless it is over or another process runs it; what becomes of it, it says.

    ``stop`` says that this process has to end. Raises only what is not the batch's fault.
    """
    batch = IngestBatch.objects.filter(id=batch_id).select_related("upload").first()
    if batch is None or not batch.is_open:
        return
    try:
        run_with_rights(batch, stop)
    except NotToBeRun as reason:
        log.info("batch_passed_over", batch=batch_id, reason=str(reason))
    except AppNotActive as reason:
        log.info("batch_waits_for_its_app", batch=batch_id, reason=str(reason))
    except INTERRUPTED:
        log.warning("batch_interrupted", batch=batch_id)
        raise
    except Exception as error:
        batch_fail(batch_id, sentence_of(error))
        if not isinstance(error, REFUSED):
            raise


def run_with_rights(batch: IngestBatch, stop: Callable[[], bool]) -> None:
    door = doors().get(batch.model)
    if door is None:
        raise Unreadable(f"No app is installed that takes files of {batch.model}.")
    if batch.upload is None:
        raise Unreadable(f"The file {batch.file} is not kept any more; upload it again.")
    uploader = uploader_of(batch)
    refuse_inactive(door.shape.model._meta.app_label)
    with temporary_directory(BATCH_PREFIX) as folder:
        upload = folder / "upload"
        restore(batch.upload, upload)
        ingest(job_of(batch, upload, uploader, door, stop), lambda: door.asked(asked_of(batch)))


def asked_of(batch: IngestBatch) -> Asked:
    return Asked.from_json(batch.options)


def uploader_of(batch: IngestBatch) -> Any:
    """The user who uploaded the file. Raises NotAllowed if they may not do so any more."""
    user = get_user_model().objects.filter(pk=batch.actor_id or 0).first()
    if user is None:
        raise NotAllowed(f"There is no user {batch.actor} any more.")
    refuse_loader(user, batch.model)
    return user


def job_of(
    batch: IngestBatch, upload: Path, uploader: Any, door: type[Door], stop: Callable[[], bool]
) -> Job:
    asked = asked_of(batch)
    rejects, report = upload.with_name("rejects"), upload.with_name("report")
    return Job(
        path=str(upload),
        name=batch.file,
        form=asked.format,
        context=context_of(batch, asked, uploader),
        options=batch.options,
        strict=asked.strict,
        dry_run=asked.dry_run,
        rejects=str(rejects),
        effective=asked.effective,
        encoding=asked.encoding,
        separator=asked.delimiter,
        report=str(report),
        masked=False,
        full=door.full(asked),
        timelines=Timelines() if asked.whole_timelines else None,
        last_wins=asked.last_wins,
        unpacked=UNPACKED * settings.UPLOAD_MAX_BYTES,
        queued=batch.pk,
        stop=stop,
        ending=lambda: keep_beside(batch, rejects=rejects, report=report),
    )


def context_of(batch: IngestBatch, asked: Asked, uploader: Any) -> Context:
    """The file acts with the rights that its uploader has now."""
    return Context(
        actor=batch.actor,
        actor_id=batch.actor_id,
        channel=Channel.INGEST,
        client_address=batch.client_address,
        request_id=batch.request_id,
        reason=asked.reason,
        limits=limits_of(uploader),
    )


def keep_beside(batch: IngestBatch, **paths: Path) -> None:
    """In the transaction that says what became of the batch: it is never told without them."""
    for name, path in paths.items():
        if path.stat().st_size:
            kept = keep_path(path, f"{name}-{batch.pk}.jsonl")
            IngestBatch.objects.filter(id=batch.pk).update(**{name: kept})
