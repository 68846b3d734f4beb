"""The modes of an app in every process: services under gunicorn, loads and a worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection

from auth.services import token_create
from core.control import modes, set_mode
from core.env import ROOT
from core.models import AppMode, BatchState, IngestBatch
from core.models.scd2 import Channel, Context
from core.tests.databases import CommittedDatabase
from core.tests.running import running
from entities.models import Entity
from entities.tests.background import ended, eventually, upload, working
from entities.tests.feed import Feed
from entities.tests.test_ingest_runs import ROWS

IN_FORCE = 2.0
"""Seconds after which a mode binds everywhere."""
THREADS = 8
REASON = "Moving house"
WHO = Context(actor="ada", channel=Channel.SYSTEM)

pytestmark = pytest.mark.xdist_group("app_modes")


class Answer(NamedTuple):
    """When a call began (seconds of the monotonic clock), and its answer."""

    began: float
    status: int
    body: Any


def token(role: str) -> str:
    user = get_user_model().objects.create_user(f"{role}-of-modes")
    user.groups.set(Group.objects.filter(name=role))
    return token_create(user=user, context=WHO)[1]


def call(base: str, secret: str, method: str, path: str, body: Any = None) -> Answer:
    """One call on a connection of its own, so that any process of the service may get it."""
    began = time.monotonic()
    address = urlsplit(base)
    peer = HTTPConnection(str(address.hostname), address.port, timeout=30)
    text = None if body is None else json.dumps(body)
    headers = {"Authorization": f"Token {secret}", "Content-Type": "application/json"}
    try:
        peer.request(method, path, body=text, headers=headers)
        answer = peer.getresponse()
        return Answer(began, answer.status, json.loads(answer.read() or "null"))
    finally:
        peer.close()


class World(NamedTuple):
    """Two services on one database, and callers of both."""

    cockpit: str
    entities: str
    admin: str
    steward: str

    def switch(self, mode: str, reason: str = REASON) -> float:
        """When the answer came, by the monotonic clock."""
        body = {"mode": mode, "reason": reason}
        answer = call(self.cockpit, self.admin, "PATCH", "/api/v1/apps/entities", body)
        assert answer.status == 200, answer
        return time.monotonic()

    def read(self) -> Answer:
        return call(self.entities, self.steward, "GET", "/api/v1/entities")

    def write(self) -> Answer:
        body = {"entity_type": "BANK", "display_name": "Alpha"}
        return call(self.entities, self.steward, "POST", "/api/v1/entities", body)


@pytest.fixture
def world(feed: Feed, tmp_path: Path) -> Iterator[World]:
    admin, steward = token("admin"), token("steward")
    with ExitStack() as stack:
        entities = stack.enter_context(running("entities", tmp_path / "entities"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ENTITIES_PROBE_URL", entities)
            cockpit = stack.enter_context(running("cockpit", tmp_path / "cockpit"))
        yield World(cockpit, entities, admin, steward)


def in_force_after(calls: Callable[[], Answer], status: int, since: float) -> float:
    """Seconds from ``since`` to the start of the last call that was answered otherwise.

    Many at a time, so that every process of the service gets some: until three rounds agree.
    """
    latest, agreeing = since, 0
    with ThreadPoolExecutor(THREADS) as threads:
        while agreeing < 3:
            answers = list(threads.map(lambda _: calls(), range(2 * THREADS)))
            other = [answer.began for answer in answers if answer.status != status]
            latest = max([latest, *other])
            agreeing = 0 if other else agreeing + 1
            assert time.monotonic() - since < 30, answers
    return latest - since


def test_a_mode_is_in_force_in_every_process_within_two_seconds(world: World) -> None:
    assert world.write().status == 201

    since = world.switch("read_only")
    assert in_force_after(world.write, 503, since) < IN_FORCE
    refused = world.write().body
    assert refused["type"] == "urn:cockpit:problem:read_only"
    assert refused["detail"] == f"The app entities is read-only: {REASON}"
    assert world.read().status == 200

    since = world.switch("offline")
    assert in_force_after(world.read, 503, since) < IN_FORCE
    assert world.read().body["type"] == "urn:cockpit:problem:offline"
    assert call(world.entities, "", "GET", "/health/ready").status == 200
    registry = call(world.cockpit, world.admin, "GET", "/api/v1/apps/entities").body
    assert (registry["mode"], registry["status"], registry["reason"]) == ("offline", "up", REASON)
    assert registry["counts"]["entities"] >= 1

    since = world.switch("active", "")
    assert in_force_after(world.read, 200, since) < IN_FORCE
    assert world.write().status == 201


# Loads


def switch(mode: AppMode, reason: str = REASON) -> None:
    set_mode(slug="entities", mode=mode, reason=reason, context=WHO)
    modes.forget()


def load(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "ingest_entities", str(path), "--source=feed"]
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "cockpit.config.settings"}
    return subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )


def test_a_file_is_not_loaded_into_a_read_only_app(feed: Feed, tmp_path: Path) -> None:
    path = feed.write("feed.csv", ROWS)
    switch(AppMode.READ_ONLY)

    done = load(path)

    assert done.returncode == 1
    assert done.stderr.strip().endswith(f"The app entities is read-only: {REASON}")
    assert not Entity.objects.exists()
    assert IngestBatch.objects.get().state == BatchState.FAILED


def test_a_load_that_runs_ends_when_its_app_is_switched(
    feed: Feed, monkeypatch: pytest.MonkeyPatch, committed_db: CommittedDatabase
) -> None:
    """Switched while it reads; a file this small would otherwise be done at once."""
    from core.ingest.loading import Loading

    stage = Loading.stage

    def slowly(self: Loading, load: Any, tell: Callable[[int], None]) -> None:
        stage(self, load, tell)
        switch(AppMode.READ_ONLY)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")

    monkeypatch.setattr(Loading, "stage", slowly)
    began = time.monotonic()

    answer = feed.run(feed.write("feed.csv", ROWS), "--source", "feed")

    assert time.monotonic() - began < 30
    told = f"The app entities is read-only: {REASON}"
    assert (answer.code, answer.err.splitlines()[-1]) == (1, told)
    assert not Entity.objects.exists()
    batch = IngestBatch.objects.get()
    assert (batch.state, batch.error) == (BatchState.FAILED, told)


def test_an_uploaded_file_waits_until_its_app_is_active(feed: Feed) -> None:
    switch(AppMode.READ_ONLY)
    batch = upload(ROWS)
    with working():
        eventually(lambda: waits(batch))
        assert not Entity.objects.exists()

        switch(AppMode.ACTIVE)
        eventually(ended(batch))

    assert (batch.state, batch.counts["entities"]["opened"]) == (BatchState.DONE, 2)


def waits(batch: IngestBatch) -> bool:
    """Whether its job has come and gone, and the batch is in the queue as before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        (jobs,) = cursor.fetchone()
    batch.refresh_from_db()
    return jobs == 0 and batch.state == BatchState.QUEUED
