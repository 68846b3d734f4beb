"""Writes that are sent again under one key."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from core.models import AuditEntry, FirstAnswer
from core.tests.databases import CommittedDatabase
from entities.models import Entity, EntityType
from entities.v1.tests.conftest import make_types, problem, signed_in, wrong

ENTITIES = "/api/v1/entities"
BODY = {"entity_type": "PERSON", "display_name": "Ada Lovelace"}
KEY = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}
PATIENCE = 30
"""Seconds after which something that does not happen never will."""


def told(response: Any) -> tuple[Any, ...]:
    """All that an answer says."""
    names = ("Content-Type", "ETag", "Location")
    return response.status_code, response.content, *(response.get(name) for name in names)


def test_a_creation_is_carried_out_once(client: APIClient, types: None) -> None:
    first = client.post(ENTITIES, BODY, headers=KEY)
    client.patch(first["Location"], {"display_name": "Ada King"})
    again = client.post(ENTITIES, BODY, headers=KEY)
    assert first.status_code == 201
    assert told(again) == told(first)
    assert Entity.objects.live().count() == 2
    assert client.post(ENTITIES, BODY).json()["uuid"] != first.json()["uuid"]


def test_a_change_is_carried_out_once(client: APIClient, ada: str) -> None:
    change = {"display_name": "Ada King"}
    first = client.patch(ada, change, headers=KEY)
    client.patch(ada, {"display_name": "Ada Byron"})
    again = client.patch(ada, change, headers=KEY)
    assert told(again) == told(first)
    assert client.get(ada).json()["display_name"] == "Ada Byron"


def test_a_condition_that_held_then_holds(client: APIClient, ada: str) -> None:
    headers = {**KEY, "If-Match": client.get(ada)["ETag"]}
    first = client.patch(ada, {"display_name": "Ada King"}, headers=headers)
    assert first.status_code == 200
    assert told(client.patch(ada, {"display_name": "Ada King"}, headers=headers)) == told(first)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/entity-types", {"code": "NEW", "name": "New"}),
        ("/api/v1/detail-types", {"code": "NEW", "name": "New", "data_type": "text"}),
        ("/api/v1/entities/bulk", [BODY, BODY]),
    ],
)
def test_other_creations(client: APIClient, types: None, path: str, body: Any) -> None:
    first = client.post(path, body, headers=KEY)
    entries = AuditEntry.objects.count()
    assert first.status_code in (200, 201)
    assert told(client.post(path, body, headers=KEY)) == told(first)
    assert AuditEntry.objects.count() == entries


def test_a_change_of_a_type(client: APIClient, types: None) -> None:
    path, body = "/api/v1/entity-types/PERSON", {"name": "People"}
    first = client.patch(path, body, headers=KEY)
    client.patch(path, {"name": "Persons"})
    assert told(client.patch(path, body, headers=KEY)) == told(first)
    assert EntityType.objects.live().filter(name="Persons").exists()


def test_another_body_under_the_key(client: APIClient, types: None) -> None:
    client.post(ENTITIES, BODY, headers=KEY)
    response = client.post(ENTITIES, {**BODY, "display_name": "Eve"}, headers=KEY)
    problem(response, 422, "key_reused")
    assert Entity.objects.count() == 1


def test_the_same_body_written_otherwise(client: APIClient, types: None) -> None:
    first = client.post(ENTITIES, BODY, headers=KEY)
    turned = json.dumps(dict(reversed(BODY.items())), indent=2)
    again = client.generic("POST", ENTITIES, turned, "application/json", headers=KEY)
    assert told(again) == told(first)


def test_a_key_in_quotes_is_the_same(client: APIClient, types: None) -> None:
    first = client.post(ENTITIES, BODY, headers={"Idempotency-Key": '"abc"'})
    again = client.post(ENTITIES, BODY, headers={"Idempotency-Key": "abc"})
    assert told(again) == told(first)


@pytest.mark.parametrize("key", ["", '""', "a b", '"a', "ü", "a" * 256, "a\tb"])
def test_what_is_no_key(client: APIClient, types: None, key: str) -> None:
    response = client.post(ENTITIES, BODY, headers={"Idempotency-Key": key})
    assert wrong(response) == [("Idempotency-Key", "invalid")]
    assert Entity.objects.count() == 0


def test_a_key_belongs_to_a_path(client: APIClient, types: None, ada: str) -> None:
    body = {"display_name": "Eve"}
    other = client.post(ENTITIES, BODY)["Location"]
    assert client.patch(ada, body, headers=KEY).status_code == 200
    assert client.patch(other, body, headers=KEY).json()["uuid"] == other.rpartition("/")[2]
    assert client.post(ENTITIES, BODY, headers=KEY).status_code == 201


def test_a_key_belongs_to_its_caller(client: APIClient, types: None) -> None:
    first = client.post(ENTITIES, BODY, headers=KEY)
    other = signed_in("admin").post(ENTITIES, {**BODY, "display_name": "Eve"}, headers=KEY)
    assert other.status_code == 201
    assert told(client.post(ENTITIES, BODY, headers=KEY)) == told(first)


def test_who_may_no_longer_write_gets_nothing(client: APIClient, types: None) -> None:
    client.post(ENTITIES, BODY, headers=KEY)
    user = get_user_model().objects.get(username="steward user")
    user.groups.clear()
    client.force_authenticate(get_user_model().objects.get(pk=user.pk))
    problem(client.post(ENTITIES, BODY, headers=KEY), 403, "permission_denied")


def test_a_refusal_spends_no_key(client: APIClient, types: None) -> None:
    wrong(client.post(ENTITIES, {**BODY, "entity_type": "NOBODY"}, headers=KEY))
    problem(client.get(f"{ENTITIES}/{'0' * 8}"), 404, "not_found")
    assert FirstAnswer.objects.count() == 0
    assert client.post(ENTITIES, BODY, headers=KEY).status_code == 201


def test_after_a_day_the_key_is_free(client: APIClient, types: None) -> None:
    first = client.post(ENTITIES, BODY, headers=KEY)
    FirstAnswer.objects.update(created_at=F("created_at") - timedelta(hours=23, minutes=59))
    assert told(client.post(ENTITIES, BODY, headers=KEY)) == told(first)
    FirstAnswer.objects.update(created_at=F("created_at") - timedelta(minutes=1))
    second = client.post(ENTITIES, {**BODY, "display_name": "Eve"}, headers=KEY)
    assert second.status_code == 201
    assert FirstAnswer.objects.count() == 1


def test_housekeeping_removes_what_nobody_gets(
    client: APIClient, types: None, capsys: pytest.CaptureFixture
) -> None:
    client.post(ENTITIES, BODY, headers=KEY)
    client.post(ENTITIES, BODY, headers={"Idempotency-Key": "old"})
    old = FirstAnswer.objects.filter(key="old")
    old.update(created_at=F("created_at") - timedelta(days=1))
    call_command("housekeep", "--dry-run")
    assert "answers kept for retries: 1 would be removed" in capsys.readouterr().out
    call_command("housekeep")
    assert list(FirstAnswer.objects.values_list("key", flat=True)) == [KEY["Idempotency-Key"]]


def test_without_a_key_it_costs_nothing(client: APIClient, ada: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        client.patch(ada, {"display_name": "Ada King"})
    assert not any("firstanswer" in query["sql"] for query in captured)
    assert not any("advisory" in query["sql"] for query in captured)
    plain = len(captured)
    with CaptureQueriesContext(connection) as captured:
        client.patch(ada, {"display_name": "Ada Byron"}, headers=KEY)
    # The lock, the look-ups of this key and of what has outlived its day, the answer; a savepoint.
    assert len(captured) - plain <= 6


# Beside each other


@pytest.fixture
def editor(committed_db: CommittedDatabase) -> int:
    """A user who may write, seen by every process."""
    make_types()
    signed_in("editor")
    return int(get_user_model().objects.get(username="editor user").pk)


def in_a_thread(user_id: int, answers: list[Any]) -> threading.Thread:
    def call() -> None:
        try:
            client = APIClient()
            client.force_authenticate(get_user_model().objects.get(pk=user_id))
            answers.append(told(client.post(ENTITIES, BODY, headers=KEY)))
        finally:
            connection.close()

    thread = threading.Thread(target=call)
    thread.start()
    return thread


def wait_for_a_waiter(holder: psycopg.Connection[Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    query = "SELECT FROM pg_locks WHERE NOT granted"
    while not holder.execute(query).rowcount:
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.05)


def held(database: CommittedDatabase) -> psycopg.Connection[Any]:
    """Let nobody keep an answer; whoever tries has written all else and waits."""
    holder = psycopg.connect(database.owner_url)
    holder.execute("LOCK TABLE core_firstanswer IN SHARE MODE")
    return holder


def test_while_the_first_is_carried_out_the_second_is_told_so(
    editor: int, committed_db: CommittedDatabase
) -> None:
    answers: list[Any] = []
    client = APIClient()
    client.force_authenticate(get_user_model().objects.get(pk=editor))
    with held(committed_db) as holder:
        first = in_a_thread(editor, answers)
        wait_for_a_waiter(holder)
        second = client.post(ENTITIES, BODY, headers=KEY)
        problem(second, 409, "in_progress")
        assert second["Retry-After"] == "1"
        assert Entity.objects.count() == 0
        holder.rollback()
    first.join()
    assert told(client.post(ENTITIES, BODY, headers=KEY)) == answers[0]
    assert Entity.objects.count() == 1


def process(user_id: int) -> subprocess.Popen[bytes]:
    arguments = [str(user_id), ENTITIES, json.dumps(BODY), KEY["Idempotency-Key"]]
    return subprocess.Popen(
        [sys.executable, "-m", "entities.v1.tests.caller", *arguments],
        cwd=Path(__file__).parents[3],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "entities.config.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def test_of_many_processes_one_wins(editor: int) -> None:
    processes = [process(editor) for _ in range(4)]
    answers = [json.loads(one.communicate(timeout=PATIENCE * 4)[0]) for one in processes]
    statuses = {status for status, _ in answers}
    assert 201 in statuses
    assert statuses <= {201, 409}
    assert len({body for status, body in answers if status == 201}) == 1
    assert (Entity.objects.count(), FirstAnswer.objects.count()) == (1, 1)


def test_of_many_threads_one_wins(editor: int) -> None:
    answers: list[Any] = []
    threads = [in_a_thread(editor, answers) for _ in range(8)]
    for thread in threads:
        thread.join()
    assert {answer[0] for answer in answers} <= {201, 409}
    assert len({answer for answer in answers if answer[0] == 201}) == 1
    assert (Entity.objects.count(), FirstAnswer.objects.count()) == (1, 1)


def test_a_crash_leaves_neither_the_write_nor_the_answer(
    editor: int, committed_db: CommittedDatabase
) -> None:
    with held(committed_db) as holder:
        killed = process(editor)
        wait_for_a_waiter(holder)
        killed.kill()
        killed.communicate()
        holder.rollback()
    assert (Entity.objects.count(), FirstAnswer.objects.count()) == (0, 0)
    again = process(editor)
    assert json.loads(again.communicate(timeout=PATIENCE)[0])[0] == 201
    assert (Entity.objects.count(), FirstAnswer.objects.count()) == (1, 1)
