"""A history as the engine left it verifies; whatever is done to it behind its back is found."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from core.checks import versioned_models
from core.db import as_owner
from core.models.scd2.verify import checks_of
from core.tests.databases import Run, pointed_at
from core.tests.harbour.models import Cargo, Flag, Vessel
from core.tests.models.scd2.port import Port

Found = set[tuple[str, str]]

TABLES = (
    *("harbour_vessel", "harbour_cargo", "harbour_flag"),
    *("harbour_vesselanchor", "harbour_flaganchor", "core_auditentry"),
)
INSTANTS, LOG = "instants out of order", "rows and log know of different instants"


@pytest.fixture(scope="module")
def _own_database(
    database_run: Run, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A database for these tests alone, which they leave empty."""
    with django_db_blocker.unblock():
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        database = database_run.clone(f"verified_{worker}")
        with pointed_at(database):
            yield
        database_run.drop(database.name)


@pytest.fixture
def port(_own_database: None) -> Iterator[Port]:
    """A ship with a corrected past and a hold, and the guards asleep: the owner may do anything."""
    with as_owner(), transaction.atomic():
        made = Port(fast_paths=None)
        made.apply(made.vessel("A NO", 2000), made.cargo("grain", 2000))
        made.apply(made.vessel("B NO", 2010))
        made.apply(made.vessel("C NO", 2005, 2008))
        made.apply(made.cargo("salt", 2015), made.cargo("fish", 2001, 2003, hold="FORE"))
        for table in TABLES:
            run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield made
        transaction.set_rollback(True)


def run(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def findings(port: Port) -> Found:
    """What is found, with calls by their number."""
    found = set()
    for model in versioned_models():
        for check in checks_of(model.shape):
            found |= {(one.model, numbered(port, one.problem)) for one in check.find()}
    return found


def numbered(port: Port, problem: str) -> str:
    for number, instant in enumerate(port.instants, start=1):
        problem = problem.replace(instant.isoformat(), f"call {number}")
    return problem


def vessel(*problems: str) -> Found:
    return {("harbour.vessel", problem) for problem in problems}


def cargo(*problems: str) -> Found:
    return {("harbour.cargo", problem) for problem in problems}


def flag(*problems: str) -> Found:
    return {("harbour.flag", problem) for problem in problems}


def differs(*calls: int) -> list[str]:
    return [f"the log does not lead to the rows as known at call {call}" for call in calls]


def without_constraints() -> None:
    """PostgreSQL would refuse what follows."""
    for name in ("no_overlap", "closed", "system_period", "valid_period"):
        run(f"ALTER TABLE harbour_vessel DROP CONSTRAINT harbour_vessel_{name}")
    run("DROP INDEX harbour_vessel_one_current")


def test_what_the_engine_left_is_sound(port: Port) -> None:
    assert findings(port) == set()
    assert [row[0] for row in port.timeline()] == ["A", "C", "A", "B"]


def test_the_checks_are_those_of_the_model() -> None:
    own = ["order of instants", "anchors", "timelines and log"]
    assert [check.name for check in checks_of(Vessel.shape)] == own
    assert [check.name for check in checks_of(Flag.shape)] == own
    assert [check.name for check in checks_of(Cargo.shape)] == [*own[:2], "containment", own[2]]


# Each invariant


@pytest.mark.parametrize(
    "change",
    [
        "closed_at = system_from",
        "closed_at = system_to",
        "closed_at = system_to + interval '1 second'",
        "valid_to = NULL",
    ],
)
def test_instants_in_an_order_that_no_history_leads_to(port: Port, change: str) -> None:
    without_constraints()
    run(f"UPDATE harbour_vessel SET {change} WHERE closed_at IS NOT NULL")
    assert ("harbour.vessel", INSTANTS) in findings(port)


def test_a_flag_that_lies(port: Port) -> None:
    without_constraints()
    run("ALTER TABLE harbour_vessel ALTER is_current DROP EXPRESSION")
    run("UPDATE harbour_vessel SET is_current = NOT is_current WHERE name = 'C'")
    assert findings(port) == vessel(INSTANTS)


def test_a_hash_that_lies(port: Port) -> None:
    run("ALTER TABLE harbour_vessel ALTER hash_diff DROP EXPRESSION")
    (ident,) = Vessel.objects.filter(name="C").values_list("id", flat=True)
    run("UPDATE harbour_vessel SET hash_diff = sha256('') WHERE id = %s", ident)
    assert findings(port) == vessel(f"row {ident} has a false hash")


def test_a_lost_anchor(port: Port) -> None:
    run("DELETE FROM harbour_vesselanchor")
    expected = vessel("uuid names no anchor") | cargo("vessel_uuid names no anchor")
    assert findings(port) == expected


def test_a_lost_reference(port: Port) -> None:
    run("DELETE FROM harbour_flaganchor WHERE code = 'NO'")
    assert findings(port) == vessel("flag names no anchor") | flag("code names no anchor")


def test_live_versions_that_overlap(port: Port) -> None:
    without_constraints()
    run("UPDATE harbour_vessel SET valid_to = '2009-01-01Z' WHERE name = 'C'")
    assert findings(port) == vessel("versions overlap", *differs(3))


def test_versions_that_overlapped_once(port: Port) -> None:
    """Nobody believes either of them any more: only what was known at an instant shows it."""
    without_constraints()
    first, second, *_ = port.instants
    run(
        "INSERT INTO harbour_vessel (uuid, name, flag, valid_from, valid_to, system_from, "
        "system_to, actor) VALUES (%s, 'X', 'NO', '2000-01-01Z', '2001-01-01Z', %s, %s, 'x')",
        port.uuid,
        first,
        second,
    )
    assert findings(port) == vessel("versions overlap", *differs(1))


def test_an_end_that_was_not_yet_known_overlaps_nothing(port: Port) -> None:
    """The first version was open as known at call 1, and B begins inside that."""
    assert findings(port) == set()
    run("UPDATE harbour_vessel SET system_from = %s WHERE name = 'B'", port.instants[0])
    assert findings(port) == vessel("versions overlap", *differs(1))


def test_equal_versions_that_touch(port: Port) -> None:
    run("UPDATE harbour_vessel SET name = 'A' WHERE name = 'C'")
    assert findings(port) == vessel("equal versions touch", *differs(3))


def test_equal_versions_that_touched_once(port: Port) -> None:
    run("UPDATE harbour_vessel SET name = 'A' WHERE name = 'B'")
    run("UPDATE harbour_vessel SET system_to = %s WHERE name = 'C'", port.instants[3])
    assert ("harbour.vessel", "equal versions touch") in findings(port)


def test_a_detail_from_before_its_container(port: Port) -> None:
    run("UPDATE harbour_cargo SET valid_from = '1990-01-01Z' WHERE goods = 'fish'")
    assert findings(port) == cargo("holds outside its container", *differs(4))


def test_a_detail_of_a_container_that_never_was(port: Port) -> None:
    run("DELETE FROM harbour_vessel")
    run("DELETE FROM core_auditentry WHERE model = 'harbour.vessel'")
    assert findings(port) == cargo("holds outside its container")


def test_a_detail_of_a_container_that_ended(port: Port) -> None:
    run("UPDATE harbour_vessel SET valid_to = '2020-01-01Z' WHERE name = 'B'")
    expected = cargo("holds outside its container") | vessel(*differs(2, 3))
    assert findings(port) == expected


# The log


def test_a_payload_that_was_rewritten(port: Port) -> None:
    run("UPDATE harbour_vessel SET name = 'Z' WHERE name = 'B'")
    assert findings(port) == vessel(*differs(2, 3))


def test_a_payload_that_nobody_believes_any_more(port: Port) -> None:
    run("UPDATE harbour_vessel SET name = 'Z' WHERE system_to IS NOT NULL")
    assert findings(port) == vessel(*differs(1, 2))


def test_a_belief_that_was_moved(port: Port) -> None:
    run("UPDATE harbour_cargo SET system_from = now() - interval '1 day' WHERE goods = 'fish'")
    assert findings(port) == cargo(LOG)


def test_a_row_that_is_gone(port: Port) -> None:
    run("DELETE FROM harbour_vessel WHERE name = 'C'")
    gap = cargo("holds outside its container")
    assert findings(port) == vessel(*differs(3)) | gap


def test_a_thing_that_is_gone(port: Port) -> None:
    run("DELETE FROM harbour_cargo WHERE hold_code = 'FORE'")
    assert findings(port) == cargo(LOG, *differs(4))


def test_a_row_that_nobody_wrote(port: Port) -> None:
    run("INSERT INTO harbour_flaganchor (code) VALUES ('XX')")
    run(
        "INSERT INTO harbour_flag (code, name, valid_from, system_from, actor) "
        "VALUES ('XX', 'x', now(), now(), 'x')"
    )
    assert findings(port) == flag(LOG)


def test_a_log_that_is_gone(port: Port) -> None:
    run("DELETE FROM core_auditentry WHERE model = 'harbour.cargo'")
    assert findings(port) == cargo(LOG)


def test_an_entry_that_is_gone(port: Port) -> None:
    run("DELETE FROM core_auditentry WHERE instant = %s", port.instants[1])
    assert findings(port) == vessel(LOG, *differs(3))


def test_an_entry_that_does_not_continue(port: Port) -> None:
    run(
        "UPDATE core_auditentry SET before = jsonb_set(before, '{name}', '\"Z\"') "
        "WHERE instant = %s",
        port.instants[1],
    )
    assert findings(port) == vessel("the entry of call 2 does not continue the log")


@pytest.mark.parametrize("column", ["valid_from", "valid_to"])
def test_an_entry_of_another_period(port: Port, column: str) -> None:
    run(
        f"UPDATE core_auditentry SET {column} = '2006-06-01Z' "
        "WHERE instant = %s AND model = 'harbour.vessel'",
        port.instants[2],
    )
    assert findings(port) == vessel(*differs(3))
