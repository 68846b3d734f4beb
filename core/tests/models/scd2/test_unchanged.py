"""Many Changes of one key that say what holds already leave before the locks, without a join that
grows with their square.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from psycopg import sql

from core.models.scd2.bulk import apply_in_bulk
from core.models.scd2.change import Change, Future
from core.models.scd2.instruction import instructions
from core.models.scd2.staging import Load
from core.models.scd2.unchanged import find_changed
from core.tests.harbour.models import Vessel
from core.tests.models.scd2.port import PLAIN, TESTER, hoist_flags

pytestmark = pytest.mark.django_db

KEY = {"uuid": uuid.UUID(int=1)}
MANY = 200
NOW = datetime(2020, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=number)


def named(number: int, **more: Any) -> Change:
    return Change(KEY, {"name": f"name {number}", "flag": "NO", **PLAIN}, day(number), **more)


def history() -> list[Change]:
    return [named(number) for number in range(MANY)]


def changed(changes: list[Change]) -> tuple[int, int]:
    """How many things change, and how many rows PostgreSQL looks at to find out."""
    with Load(Vessel.shape) as load, connection.cursor() as cursor:
        load.stage(Vessel.shape, instructions(Vessel.shape, changes))
        load.prepare()
        looked = 0
        for name in ("changed_roots", "changed_repeated"):
            query = sql.SQL("EXPLAIN (ANALYZE, FORMAT JSON) {}").format(
                load.models[Vessel.shape].statement(name)
            )
            cursor.execute(query, {"instant": NOW, "horizon": None, "limit": None})
            looked += rows_of(cursor.fetchone()[0][0]["Plan"])
        cursor.execute(sql.SQL("TRUNCATE {}").format(load.names["changed"]))
        find_changed(cursor, load, NOW)
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(load.names["changed"]))
        return cursor.fetchone()[0], looked


def rows_of(plan: dict[str, Any]) -> int:
    each = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    rows = sum(plan.get(name, 0) for name in each) * plan["Actual Loops"]
    return int(rows) + sum(rows_of(part) for part in plan.get("Plans", ()))


@pytest.fixture
def stored() -> None:
    hoist_flags()
    apply_in_bulk([(Vessel, history())], TESTER)


@pytest.mark.usefixtures("stored")
def test_the_same_again_is_looked_at_once_and_leaves() -> None:
    things, looked = changed(history())
    assert things == 0
    assert looked < 60 * MANY  # its square is 200 times as much


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("last", "things"),
    [
        (named(MANY), 1),
        (named(MANY - 1, future=Future.REJECT), 0),
        (named(MANY - 1, valid_to=day(MANY)), 1),  # it covers a start
        (Change(KEY, None, day(-9), day(0)), 0),
        (Change(KEY, None, day(-9), day(1)), 1),
        (Change(KEY, None, day(-9)), 0),
        (Change(KEY, None, day(MANY)), 1),
        (Change(KEY, {"flag": "NO"}, day(MANY), partial=True), 0),
        (Change(KEY, {"flag": "SE"}, day(MANY), partial=True), 1),
    ],
)
def test_one_that_changes_something_takes_all_of_them_along(last: Change, things: int) -> None:
    assert changed([*history(), last])[0] == things


@pytest.mark.usefixtures("stored")
def test_with_their_ends_they_leave_too() -> None:
    bounded = [named(number, valid_to=day(number + 1)) for number in range(MANY)]
    assert changed(bounded)[0] == 0
    assert changed([*bounded[:-1], named(MANY - 1)])[0] == 0
    assert changed([*bounded, Change(KEY, None, day(-9), day(0))])[0] == 0
    assert changed([named(9, valid_to=day(11)), named(30)])[0] == 1


@pytest.mark.usefixtures("stored")
def test_what_was_overtaken_does_not_leave() -> None:
    """The general plan decides which of them it was."""
    assert changed(history()[: MANY // 2])[0] == 1
