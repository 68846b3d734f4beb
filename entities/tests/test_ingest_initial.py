"""A first load that makes indexes and constraints after the rows."""

from __future__ import annotations

import signal
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections

from core.models.scd2.exceptions import NotInitial
from core.models.scd2.initial import lock_empty
from core.tests.databases import CommittedDatabase
from entities.models import Entity, EntityAnchor, EntityDetail
from entities.tests.conftest import create
from entities.tests.feed import SOURCE, Feed, did
from entities.tests.test_ingest_runs import command, started, wait_for

DROPPED = """
SELECT FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock'
    AND relation = 'entities_entity_search'::regclass
"""
INITIAL = (*SOURCE, "--initial", "--effective", "2024-01-01")
HEADER = "source_id,entity_type,display_name,detail:EMAIL,detail:NOTE\n"
ROWS = HEADER + "A,BANK,Alpha,a@b,one\nB,BANK,Beta,,two\n"
CATALOG = """
    SELECT tablename, indexname, indexdef, ''
    FROM pg_indexes WHERE tablename LIKE 'entities\\_entity%'
    UNION ALL
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype::text
    FROM pg_constraint WHERE conrelid::regclass::text LIKE 'entities\\_entity%'
    UNION ALL
    SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), tgenabled::text
    FROM pg_trigger WHERE tgrelid::regclass::text LIKE 'entities\\_entity%' AND NOT tgisinternal
    ORDER BY 1, 2, 3
"""


def catalog() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(CATALOG)
        return cursor.fetchall()


def test_everything_is_as_it_was_but_the_rows(feed: Feed) -> None:
    before = catalog()

    summary = feed.load(ROWS, *INITIAL[2:])

    assert (summary["entities"], summary["details"]) == (did(opened=2), did(opened=3))
    assert catalog() == before
    assert len(before) > 30
    call_command("verify", verbosity=0)


def test_several_changes_of_a_key_take_the_general_plan(feed: Feed) -> None:
    rows = (
        "source_id,entity_type,display_name,valid_from,detail:NOTE\n"
        "A,BANK,Alpha,2020-01-01,one\nA,BANK,Omega,2021-01-01,two\nB,BANK,Beta,,\n"
    )

    summary = feed.load(rows, *INITIAL[2:])

    assert summary["entities"] == did(opened=3)
    assert summary["details"] == did(opened=2)
    call_command("verify", verbosity=0)


def test_the_same_again_is_no_first_load(feed: Feed) -> None:
    path = feed.write("feed.csv", ROWS)
    feed.run(path, *INITIAL)

    again = feed.run(path, *INITIAL)
    other = feed.run(feed.write("other.csv", HEADER + "C,BANK,Gamma,,\n"), *INITIAL)

    for answer in (again, other):  # whether or not it would change anything
        assert answer.code == 1
        assert answer.err == (
            "An initial load is for empty tables, and there are rows in entities_entityanchor "
            "already."
        )
    assert Entity.objects.count() == 2


def test_what_is_rejected_is_left_out(feed: Feed) -> None:
    rejects = feed.rejects(
        feed.write("feed.csv", ROWS + "A,BANK,Other,,\nC,FIRM,Gamma,,\n"), *INITIAL
    )

    assert [line for line, _ in rejects] == [5, 4]
    assert Entity.objects.count() == 2


def test_the_application_role_cannot(feed: Feed) -> None:
    with connection.cursor() as cursor, pytest.raises(NotInitial, match="owner role"):
        lock_empty(cursor, [Entity.shape])


def test_not_into_a_register_that_is_in_use(feed: Feed) -> None:
    create("Somebody")

    answer = feed.run(feed.write("feed.csv", ROWS), *INITIAL)

    assert answer.code == 1
    assert "there are rows in entities_entityanchor already" in answer.err


def test_killed_in_the_middle_it_leaves_nothing(
    feed: Feed, committed_db: CommittedDatabase
) -> None:
    before = catalog()
    many = (f"M{number},BANK,Bank {number},,note\n" for number in range(20_000))
    path = feed.write("feed.csv", HEADER + "".join(many))
    with (
        psycopg.connect(committed_db.owner_url, autocommit=True) as watcher,
        started(command("ingest_entities", str(path), *INITIAL)) as process,
    ):
        wait_for(watcher, DROPPED, there=True)
        process.send_signal(signal.SIGKILL)
        process.wait()
    connections.close_all()

    assert catalog() == before
    counts = [model.objects.count() for model in (Entity, EntityAnchor, EntityDetail)]
    assert counts == [0, 0, 0]
    assert feed.run(path, *INITIAL).code == 0
    assert Entity.objects.count() == 20_000
