"""Uploads and rejects go when they have had their time."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.housekeeping import chores, done
from core.ingest.housekeeping import uploaded_files_and_rejects
from core.ingest.kept import keep
from core.models import BatchState, IngestBatch, KeptFile, KeptPiece

pytestmark = pytest.mark.django_db


def file_of_age(days: float, **values: Any) -> KeptFile:
    file = keep("feed.csv", io.BytesIO(b"x"))
    KeptFile.objects.filter(id=file.pk).update(
        created_at=timezone.now() - timedelta(days=days), **values
    )
    return file


def batch_of(file: KeptFile, state: BatchState) -> IngestBatch:
    over = None if state == BatchState.QUEUED else timezone.now()
    return IngestBatch.objects.create(
        model="entities.entity",
        file="feed.csv",
        options={},
        state=state,
        actor="ada",
        finished_at=over,
        upload=file,
    )


def test_it_is_a_chore() -> None:
    assert uploaded_files_and_rejects in chores()


def test_old_files_go_and_batches_stay(settings: Any) -> None:
    settings.UPLOADS_KEPT_DAYS = 30
    old, young, waiting = file_of_age(31), file_of_age(29), file_of_age(31)
    batch = batch_of(old, BatchState.DONE)
    batch_of(waiting, BatchState.QUEUED)

    assert done(uploaded_files_and_rejects, dry_run=True) == 1
    assert KeptFile.objects.count() == 3
    assert done(uploaded_files_and_rejects, dry_run=False) == 1

    assert {file.pk for file in KeptFile.objects.all()} == {young.pk, waiting.pk}
    assert not KeptPiece.objects.filter(file_id=old.pk).exists()
    batch.refresh_from_db()
    assert batch.upload is None


def test_one_that_never_came_whole_goes_after_a_day() -> None:
    torn, coming = file_of_age(1.1, size=None), file_of_age(0.9, size=None)
    assert done(uploaded_files_and_rejects, dry_run=False) == 1
    assert KeptFile.objects.get() == coming
    assert torn.pk != coming.pk
