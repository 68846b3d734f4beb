"""Counting calls of a caller, in one statement."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from pytest_django import DjangoAssertNumQueries

from core.tests.databases import CommittedDatabase
from core.throttle import idle_callers, take


def pass_time(caller: str, **long: float) -> None:
    """As if it were so much later."""
    with connection.cursor() as cursor:
        given: list[Any] = [timedelta(**long), caller]
        cursor.execute("UPDATE core_throttle SET due = due - %s WHERE caller = %s", given)


def calls_that_pass(caller: str, per_minute: int, most: int) -> int:
    return sum(1 for _ in range(most) if take(caller, per_minute) == 0)


@pytest.mark.django_db
def test_a_minute_s_calls_pass_at_once_and_then_one_by_one() -> None:
    assert calls_that_pass("a", 6, most=9) == 6
    wait = take("a", 6)
    assert 9 < wait <= 10
    pass_time("a", seconds=10)
    assert take("a", 6) == 0
    assert take("a", 6) > 9
    pass_time("a", seconds=25)
    assert calls_that_pass("a", 6, most=9) == 2


@pytest.mark.django_db
def test_being_refused_does_not_prolong_the_wait() -> None:
    calls_that_pass("a", 6, most=50)
    assert take("a", 6) <= 10


@pytest.mark.django_db
def test_idleness_saves_up_no_more_than_a_minute() -> None:
    take("a", 6)
    pass_time("a", days=1)
    assert calls_that_pass("a", 6, most=9) == 6


@pytest.mark.django_db
def test_callers_do_not_count_for_each_other() -> None:
    assert calls_that_pass("a", 2, most=3) == 2
    assert take("b", 2) == 0


@pytest.mark.django_db
def test_a_call_costs_one_statement_and_no_limit_costs_none(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        take("a", 6)
    with django_assert_num_queries(0):
        assert take("a", 0) == 0


@pytest.mark.django_db
def test_whoever_was_idle_is_forgotten() -> None:
    take("idle", 6)
    take("busy", 6)
    pass_time("idle", minutes=1)
    assert idle_callers(dry_run=True) == 1
    assert idle_callers(dry_run=False) == 1
    assert idle_callers(dry_run=False) == 0
    assert take("busy", 1) > 0


def test_all_workers_count_together(committed_db: CommittedDatabase) -> None:
    passed: list[int] = []

    def work() -> None:
        passed.append(calls_that_pass("a", 40, most=20))
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    # A call a second and a half comes back while they run.
    assert 40 <= sum(passed) <= 60


@pytest.mark.django_db
def test_counting_writes_nothing_ahead() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'core_throttle'")
        assert cursor.fetchone() == ("u",)
