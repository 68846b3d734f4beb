"""Whoever may not see personal data finds none, whatever they call; and no log has any."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from auth.tests.matrix import people
from core.models import AuditEntry
from core.tests.databases import CommittedDatabase
from entities.tests.feed import Feed
from entities.tests.secrets import calls, world
from entities.tests.secrets.calls import Asked, bytes_of, links, normal
from entities.tests.secrets.world import Marker

BLIND = ("viewer", "log reader")
SEEING = (
    "auditor",
    pytest.param("steward", marks=pytest.mark.slow),
    pytest.param("admin", marks=pytest.mark.slow),
)
DEEP = 3
"""How many pages of a list are followed."""


@pytest.fixture
def marker() -> Marker:
    return Marker()


@pytest.fixture
def values(committed_db: CommittedDatabase, marker: Marker) -> dict[str, list[str]]:
    """A register with secrets; what there is to put into paths."""
    uuids = [str(uuid) for uuid in world.make_register(marker).values()]
    entries = AuditEntry.objects.filter(model__startswith="entities.entity").order_by("-id")
    return {
        "entity_uid": [uuids[0], uuids[3]],
        "object_id": [uuids[0], "EMAIL"],
        "code": ["PERSON", "EMAIL"],
        "audit_id": [str(entry.pk) for entry in entries[:4]],
        "batch_id": [str(world.make_batch(marker))],
    }


def log_reader() -> None:
    """A group of its own may read the log and the batches, and no personal data."""
    user = people.user_of("log reader")
    group = Group.objects.create(name="log readers")
    read = ("view_auditentry", "view_ingestbatch")
    group.permissions.set(Permission.objects.filter(codename__in=read))
    user.groups.set([group, Group.objects.get(name="viewer")])


def clients(*names: str) -> dict[str, Client]:
    """By token and by session at once, so that every path is open as far as it can be."""
    found = {}
    for name in names:
        if name == "log reader":
            log_reader()
        user = people.user_of(name)
        client = people.with_token(people.token_of(user)[1])
        client.force_login(user)
        found[name] = client
    return found


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Every line of every log."""
    caplog.set_level(logging.INFO)
    return caplog


def leaks(marker: Marker, logged: pytest.LogCaptureFixture) -> list[str]:
    lines = (f"{record.getMessage()} {vars(record)}" for record in logged.records)
    return [line for line in lines if marker.found_in(line)]


def walk(client: Client, asked: Asked, settings: Any) -> Iterator[Any]:
    """The answer, those of some pages after it, and the way back."""
    answer = asked.of(client, settings)
    yield answer
    for way in ("next",) * DEEP + ("previous",):
        if link := links(answer).get(way):
            answer = asked._replace(address=link).of(client, settings)
            yield answer


@pytest.mark.parametrize(
    "name", ["viewer", "log reader", pytest.param("no role", marks=pytest.mark.slow)]
)
def test_nothing_is_found_by_reading(
    name: str,
    values: dict[str, list[str]],
    marker: Marker,
    logged: pytest.LogCaptureFixture,
    settings: Any,
) -> None:
    client = clients(name)[name]
    for asked in calls.reads(values):
        for answer in walk(client, asked, settings):
            assert answer.status_code < 500, asked
            assert not marker.found_in(bytes_of(answer)), asked
    assert leaks(marker, logged) == []
    assert len(logged.records) > 100


@pytest.mark.parametrize("name", SEEING)
def test_who_may_see_finds_it_and_no_log_has_it(
    name: str,
    values: dict[str, list[str]],
    marker: Marker,
    logged: pytest.LogCaptureFixture,
    settings: Any,
) -> None:
    """So the test above looks at the right places."""
    client = clients(name)[name]
    found = {
        asked.address.split("?")[0]
        for asked in calls.reads(values)
        if marker.found_in(bytes_of(asked.of(client, settings)))
    }
    person = values["entity_uid"][0]
    expected = {
        "/api/v1/entities",
        "/api/v1/entities-asof",
        "/api/v1/changes",
        "/api/v1/diff",
        f"/api/v1/entities/{person}",
        f"/api/v1/entities/{person}/history",
        "/entities/entity/",
        f"/entities/entity/{person}/change/",
    }
    if name != "steward":
        expected |= {"/api/v1/audit", "/core/auditentry/"}
    assert expected <= found
    assert leaks(marker, logged) == []
    assert "personal_data_read" in str([vars(record) for record in logged.records])


def test_nothing_is_found_by_writing(
    values: dict[str, list[str]], marker: Marker, logged: pytest.LogCaptureFixture, settings: Any
) -> None:
    person, bank = values["entity_uid"]
    bodies: list[Any] = [
        {},
        [],
        {"display_name": "Another"},
        {"entity_type": "BANK"},
        {"details": {"EMAIL": None}},
        {"details": {"NOTE": "new"}},
        {"details": {"NOTE": 7}},
        {"entity_type": "BANK", "display_name": "Bank", "uuid": person},
        {"entity_type": "BANK", "display_name": "Bank", "uuid": bank, "valid_from": "2019-01-01"},
        {"is_pii": False},
        {"is_pii_name": False},
        [{"uuid": person, "display_name": "Another"}, {"uuid": person, "entity_type": "BANK"}],
        [{"uuid": person, "details": {"NOTE": "bulk"}}],
    ]
    for name, client in clients("editor").items():
        for asked in calls.writes(values, bodies):
            answer = asked.of(client, settings)
            assert answer.status_code < 500, (name, asked, answer.content)
            assert not marker.found_in(bytes_of(answer)), (name, asked)
    assert leaks(marker, logged) == []


@pytest.mark.slow
def test_nothing_can_be_inferred(
    values: dict[str, list[str]], marker: Marker, settings: Any
) -> None:
    """Two registers that differ in their secrets alone answer alike, to the last header."""
    blind = clients(*BLIND)

    def answers() -> dict[tuple[str, Asked, int], str]:
        return {
            (name, asked, number): normal(answer)
            for name, client in blind.items()
            for asked in calls.reads(values)
            if asked.address.split("?")[0] != "/metrics"  # of the process, by the second
            for number, answer in enumerate(walk(client, asked, settings))
        }

    steward = clients("steward")["steward"]
    shown = Asked("entities", "GET", f"/api/v1/entities/{values['entity_uid'][0]}")
    secret = normal(shown.of(steward, settings))
    before = answers()
    world.other_secrets()
    after = answers()
    assert normal(shown.of(steward, settings)) != secret
    assert sorted(map(str, before.keys() ^ after.keys())) == []
    differ = [key for key in before if before[key] != after[key]]
    assert differ == []


def test_a_load_says_nothing_of_what_it_loads(
    values: dict[str, list[str]],
    marker: Marker,
    logged: pytest.LogCaptureFixture,
    tmp_path: Any,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The rejects file has the rows as they were given; nothing else has any of them."""
    feed = Feed(tmp_path)
    word, person = marker.word, values["entity_uid"][0]
    file = feed.write(
        "secret.csv",
        "uuid,entity_type,display_name,detail:EMAIL,detail:SALARY\n"
        f"{person},PERSON,{word} loaded,{word}@example.org,{marker.number}\n"
        f"{values['entity_uid'][1]},PERSON,{word} bad,{word}@example.org,{marker.number}x\n"
        f"not-a-uuid,{word},{word} worse,{word}@example.org,1\n",
    )
    rejects = str(feed.path("rejects.csv"))
    loud = feed.run(file, "--rejects", rejects)
    quiet = feed.run(file, "--rejects", rejects, "--json", "--dry-run")
    checked = feed.call("verify")
    printed = capfd.readouterr()
    for said in (loud.out, loud.err, quiet.out, quiet.err, checked.out, checked.err, *printed):
        assert not marker.found_in(said), said
    assert (loud.code, quiet.code, checked.code) == (2, 2, 0)
    assert marker.found_in(feed.path("rejects.csv").read_text())
    assert leaks(marker, logged) == []
