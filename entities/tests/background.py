"""Uploads, and workers as real processes, for the tests of what runs in the background."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from core.env import ROOT
from core.ingest.asked import Asked
from core.ingest.uploads import batch_upload, kept_upload
from core.models import IngestBatch
from core.models.scd2 import Channel, Context

MODEL = "entities.entity"
PATIENCE = 60.0


def steward(name: str = "stella") -> Any:
    user, new = get_user_model().objects.get_or_create(username=name)
    if new:
        user.groups.add(Group.objects.get(name="steward"))
    return user


def context_of(user: Any) -> Context:
    return Context(actor=user.get_username(), actor_id=user.pk, channel=Channel.API)


def upload(content: str | bytes, **asked: Any) -> IngestBatch:
    """A batch of the queue, uploaded by a steward."""
    given = Asked(**{"format": "csv", "source": "feed"} | asked)
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    with kept_upload(
        model=MODEL, name="feed.csv", stream=stream, limit=10_000_000, asked=given
    ) as kept:
        return batch_upload(model=MODEL, upload=kept, asked=given, context=context_of(steward()))


def work() -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), "worker"]


@contextmanager
def working(*, stderr: int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that does not outlive the block."""
    known = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    environ = known | {"DJANGO_SETTINGS_MODULE": "cockpit.config.settings"}
    with (
        TemporaryDirectory() as scratch,
        subprocess.Popen(
            work(), cwd=ROOT, env=environ | {"TMPDIR": scratch}, stderr=stderr
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def eventually(condition: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """What the condition comes to once it holds."""
    deadline = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
    return found


def has(batch: IngestBatch, state: str) -> Callable[[], bool]:
    """Whether the batch has come to a state."""

    def look() -> bool:
        batch.refresh_from_db()
        return batch.state == state

    return look


def ended(batch: IngestBatch) -> Callable[[], bool]:
    def look() -> bool:
        batch.refresh_from_db()
        return not batch.is_open

    return look
