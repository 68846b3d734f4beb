"""The feed over HTTP. Commits are real: what is not committed is not settled."""

import threading
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.core import signing
from django.db import connection, connections
from rest_framework.test import APIClient

from core.api import changes
from core.config import gunicorn
from core.models.scd2 import Change, Channel, Context
from core.tests.api.harbour import FIRST, TYPED
from core.tests.databases import CommittedDatabase
from core.tests.doors import apply_changes
from core.tests.harbour.models import Flag, Vessel

URL = "/api/v1/changes"
ADA = Context(actor="ada", channel=Channel.SYSTEM, reason="why")


def hoist(*codes: str) -> None:
    for code in codes:
        apply_changes([(Flag, [Change({"code": code}, {"name": f"of {code}"}, FIRST)])], ADA)


@pytest.fixture
def client(committed_db: CommittedDatabase, settings: Any) -> APIClient:
    settings.ROOT_URLCONF = "core.tests.api.harbour"
    client = APIClient()
    client.force_authenticate(get_user_model().objects.create(username="ada", is_superuser=True))
    return client


def codes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [change["natural_key"]["code"] for change in answer.json()["results"]]


def test_every_type_of_a_column_is_told(client: APIClient) -> None:
    hoist("NO")
    values = {
        **TYPED,
        "tonnage": Decimal("100.50"),
        "launched": date(1999, 12, 31),
        "inspected_at": datetime(2020, 2, 29, 12, 0, 0, 1, tzinfo=UTC),
    }
    apply_changes([(Vessel, [Change({"uuid": UUID(int=7)}, values, FIRST)])], ADA)

    [change] = [
        one for one in client.get(URL).json()["results"] if one["model"] == "harbour.vessel"
    ]

    assert (change["natural_key"], change["after"]) == ({"uuid": str(UUID(int=7))}, TYPED)


def test_a_change(client: APIClient) -> None:
    hoist("NO")
    answer = client.get(URL).json()
    [change] = answer["results"]
    instant = Flag.objects.get().system_from.isoformat().replace("+00:00", "Z")
    assert change.pop("uuid")
    assert change == {
        "instant": instant,
        "model": "harbour.flag",
        "source": None,
        "source_id": None,
        "natural_key": {"code": "NO"},
        "action": "opened",
        "valid_from": "2020-01-01T00:00:00Z",
        "valid_to": None,
        "before": None,
        "after": {"name": "of NO"},
        "masked": [],
        "actor": "ada",
        "channel": "system",
        "reason": "why",
        "batch": None,
    }
    assert list(answer) == ["results", "after", "settled", "left_out", "next"]
    assert answer["settled"] >= instant
    assert answer["left_out"] == {}


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_it_is_followed_by_its_links(client: APIClient, limit: int) -> None:
    hoist("A", "B", "C")
    seen: list[str] = []
    address = f"{URL}?limit={limit}"
    while found := codes(answer := client.get(address)):
        assert len(found) <= limit
        seen += found
        address = answer.json()["next"]
    assert seen == ["A", "B", "C"]
    hoist("D")
    assert codes(client.get(address)) == ["D"]


def test_after_a_system_instant(client: APIClient) -> None:
    hoist("A", "B")
    instant = Flag.objects.get(code="A").system_from.isoformat()
    assert codes(client.get(URL, {"after": instant})) == ["B"]


def test_a_place_is_not_made_up(client: APIClient) -> None:
    hoist("A")
    token = client.get(URL).json()["after"]
    forged = signing.dumps(["2000-01-01T00:00:00+00:00", 0, 0], salt="another")
    for text in ("x", token[:-1], forged, "2024-01-01", "2024-01-01T00:00:00", ""):
        answer = client.get(URL, {"after": text})
        assert answer.status_code == 400, text
        assert [error["field"] for error in answer.json()["errors"]] == ["after"]


def test_a_place_outlives_the_key_that_signed_it(client: APIClient, settings: Any) -> None:
    hoist("A")
    token = client.get(URL).json()["after"]
    hoist("B")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert codes(client.get(URL, {"after": token})) == ["B"]


@pytest.mark.parametrize("query", [{"wait": "31"}, {"wait": "-1"}, {"limit": "0"}, {"until": "x"}])
def test_what_is_wrong_is_named(client: APIClient, query: dict[str, str]) -> None:
    answer = client.get(URL, query)
    assert [error["field"] for error in answer.json()["errors"]] == [*query]


def test_nothing_to_wait_for(client: APIClient) -> None:
    hoist("A")
    began = time.monotonic()
    assert codes(client.get(URL, {"wait": "30"})) == ["A"]
    assert time.monotonic() - began < 5


def test_who_waits_gets_what_comes_and_holds_no_connection(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it waits, somebody else writes, and the connection is closed."""
    closed = []

    def meanwhile(seconds: float) -> None:
        closed.append(connection.connection is None)
        hoist(f"W{len(closed)}")

    monkeypatch.setattr(time, "sleep", meanwhile)
    assert codes(client.get(URL, {"wait": "30"})) == ["W1"]
    assert closed == [True]


def test_the_wait_ends(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    answer = client.get(URL, {"wait": "3"})
    assert codes(answer) == []
    assert now == [3.0]
    assert "wait=3" in answer.json()["next"]


def test_who_finds_no_seat_is_answered_at_once(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = threading.Semaphore(0), threading.Event()

    def patience(seconds: float) -> None:
        begun.release()
        go.wait(30)

    monkeypatch.setattr(time, "sleep", patience)
    answers: list[Any] = []

    def waiter() -> None:
        answers.append(client.get(URL, {"wait": "1"}))
        connections.close_all()

    threads = [threading.Thread(target=waiter) for _ in range(changes.SEATS)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert begun.acquire(timeout=30)
    refused = client.get(URL, {"wait": "30"})
    assert (codes(refused), refused["Retry-After"]) == ([], "1")
    hoist("A")
    go.set()
    for thread in threads:
        thread.join(30)
    assert [codes(answer) for answer in answers] == [["A"]] * changes.SEATS
    assert all("Retry-After" not in answer for answer in answers)
    assert codes(client.get(URL, {"wait": "1"})) == ["A"]


def test_waiting_leaves_half_of_the_threads_free() -> None:
    assert gunicorn.threads >= 2 * changes.SEATS
