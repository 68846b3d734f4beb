"""A dump of one server, restored into another: everything goes on where it was."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from core.db import settled_instant
from core.local import roles
from core.local.binaries import Binaries
from core.local.roles import Address
from core.models import AuditEntry
from core.tests.databases import pointed_at
from entities.naming import entity_uuid
from entities.selectors import entity_list
from entities.tests.conftest import create, day, make_types, update
from entities.tests.feed import Feed, did
from entities.tests.station import Station, opened

HEADER = "source_id,entity_type,display_name,valid_from,detail:NOTE"
FIRST = f"{HEADER}\nA,BANK,Alpha,2020-01-01,one\nB,BANK,Beta,2020-01-01,two\n"
NEXT = f"{HEADER}\nA,BANK,Aleph,2022-01-01,one\n"
SPENT = 200
"""Transactions that the first server has behind it, so that ids begin anew on the other."""


@pytest.fixture
def servers(django_db_blocker: Any) -> Iterator[tuple[Station, Station]]:
    with django_db_blocker.unblock(), opened("backup") as one, opened("backup") as other:
        one.run.clone("backup")
        yield one, other


def program(files: Binaries, name: str, *arguments: str) -> None:
    subprocess.run([files.directory / name, *arguments], check=True, capture_output=True, text=True)


def moved(one: Station, other: Station, folder: Path) -> None:
    """As docs/operations.md says it."""
    dump, target = folder / "cockpit.dump", other.database
    program(
        one.files.binaries,
        "pg_dump",
        "--format=custom",
        f"--file={dump}",
        one.database.owner_url,
    )
    roles.ensure(
        other.run.superuser_url,
        Address.of("owner", target.owner_url),
        Address.of("application", target.url),
    )
    program(
        other.files.binaries,
        "pg_restore",
        "--no-owner",
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={target.owner_url}",
        str(dump),
    )


def feed_order() -> list[int]:
    return list(AuditEntry.objects.order_by("instant", "txid", "id").values_list("id", flat=True))


def settled(known_at: datetime) -> list[dict[str, Any]]:
    return entity_list(as_of=day(2023), known_at=known_at, limit=1_000, expand_details=True)


def test_a_restored_register_goes_on(servers: tuple[Station, Station], tmp_path: Path) -> None:
    one, other = servers
    feed = Feed(tmp_path)
    with pointed_at(one.database):
        make_types()
        for number in range(SPENT):
            update(create("Spent").uuid, day(2021), display_name=str(number))
        feed.load(FIRST)
        update(entity_uuid("feed", "B"), day(2021), details={"NOTE": None})
        basis = settled_instant()
        before, order = settled(basis), feed_order()
        last = AuditEntry.objects.latest("id")

    moved(one, other, tmp_path)
    one.server.stop()

    with pointed_at(other.database):
        call_command("migrate", database="owner", check_unapplied=True, verbosity=0)
        call_command("check", databases=["default"])
        call_command("verify", no_progress=True)
        assert (settled(basis), feed_order()) == (before, order)
        assert feed.load(FIRST)["entities"] == did(unchanged=2)
        after = feed.load(NEXT)
        assert after["entities"] == did(opened=1, closed=1)
        new = AuditEntry.objects.filter(batch=str(after["batch"]))
        assert {entry.txid < last.txid for entry in new} == {True}, "ids begin anew"
        assert feed_order()[: len(order)] == order
        assert feed_order()[len(order) :] == list(new.order_by("id").values_list("id", flat=True))
        assert settled_instant() > max(entry.instant for entry in new)
        assert settled(basis) == before
        assert settled(settled_instant()) != before
        assert feed.call("revert_batch", str(after["batch"])).code == 0
        call_command("verify", no_progress=True)
