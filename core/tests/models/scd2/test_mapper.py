"""Errors of the database as sentences a person can act on."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)

from core.models.scd2.exceptions import (
    DatabaseBusy,
    DatabaseUnavailable,
    IntegrityRefused,
    RowsMoved,
    Scd2Error,
)
from core.models.scd2.mapper import domain_error
from core.tests.models.scd2.hands import LONG_AGO, Hand


def error_of(
    kind: type[DatabaseError | InterfaceError] = DatabaseError,
    state: str | None = None,
    constraint: str | None = None,
    column: str | None = None,
) -> Any:
    error = kind("as the driver says it")
    cause: Any = Exception()
    cause.sqlstate = state
    cause.diag = SimpleNamespace(constraint_name=constraint, column_name=column)
    error.__cause__ = cause
    return error


def mapped(*args: Any) -> tuple[type[Scd2Error], str] | None:
    found = domain_error(error_of(*args))
    return None if found is None else (type(found), str(found))


@pytest.mark.parametrize(
    ("state", "named"),
    [
        ("40001", "serialization failure"),
        ("40P01", "deadlock"),
        ("55P03", "lock not available"),
    ],
)
def test_what_another_writer_caused_is_tried_again(state: str, named: str) -> None:
    sentence = f"Another writer was in the way ({named})."
    assert mapped(OperationalError, state) == (RowsMoved, sentence)


@pytest.mark.parametrize("constraint", ["x_y_no_overlap", "x_y_one_current", "x_y_one_current_102"])
@pytest.mark.parametrize("state", ["23505", "23P01"])
def test_a_race_for_a_period_is_tried_again(state: str, constraint: str) -> None:
    sentence = "Another writer opened a version of the same thing."
    assert mapped(IntegrityError, state, constraint) == (RowsMoved, sentence)


@pytest.mark.parametrize(
    ("state", "constraint", "sentence"),
    [
        ("23514", "x_y_valid_period", "valid_to must be later than valid_from."),
        ("23514", "x_y_system_period", "A belief must end after it began."),
        ("23514", "x_y_finite", "Every instant must be finite."),
        ("23514", "x_y_closed", "Only a version with an end can have been closed."),
        ("23514", "x_y_actor_named", "Who did it must be named."),
        ("23001", "x_y_for_ever", "An anchor never changes and is never deleted."),
        ("23001", "core_auditentry_append_only", "The audit log is only ever added to."),
        (
            "23001",
            "x_y_history_102",
            "History is only ever added to: close or supersede a version, never rewrite it.",
        ),
        # The end of a name decides: a model may be called after any of these words.
        ("23514", "x_no_overlap_closed_finite", "Every instant must be finite."),
        ("23505", "x_y_source_id", "The database refused this: x_y_source_id."),
        ("23502", None, "The database refused this: a rule was broken."),
    ],
)
def test_a_constraint_is_explained(state: str, constraint: str | None, sentence: str) -> None:
    assert mapped(IntegrityError, state, constraint) == (IntegrityRefused, sentence)


def test_a_reference_is_named_by_its_column() -> None:
    refusal = (IntegrityRefused, "flag names nothing that exists.")
    assert mapped(IntegrityError, "23503", "x_y_history", "flag") == refusal
    unnamed = (IntegrityRefused, "a reference names nothing that exists.")
    assert mapped(IntegrityError, "23503", "x_y_fk") == unnamed


@pytest.mark.parametrize("state", ["08006", "53300", "57P01", "57P03"])
def test_a_database_that_goes_away_is_unavailable(state: str) -> None:
    sentence = "The database is not available at the moment; try again."
    assert mapped(OperationalError, state) == (DatabaseUnavailable, sentence)


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_a_connection_that_broke_has_no_sqlstate(kind: type[Exception]) -> None:
    sentence = "The database cannot be reached; try again."
    assert mapped(kind, None) == (DatabaseUnavailable, sentence)
    assert isinstance(domain_error(kind("no cause")), DatabaseUnavailable)  # type: ignore[arg-type]


def test_a_statement_that_took_too_long() -> None:
    sentence = "The statement took too long and was cancelled."
    assert mapped(OperationalError, "57014") == (DatabaseBusy, sentence)


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (ProgrammingError, "42601"),
        (ProgrammingError, "42501"),
        (DataError, "22003"),
        (ProgrammingError, None),
        (DataError, None),
    ],
)
def test_a_mistake_of_the_program_stays_one(kind: type[DatabaseError], state: str | None) -> None:
    assert mapped(kind, state) is None


# As the database really says it


def raised(statement: Callable[[Hand], Any]) -> Scd2Error | None:
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        statement(Hand("default"))
    return domain_error(caught.value)


@pytest.fixture
def root(db: None) -> uuid.UUID:
    Hand("default").flag("NO")
    return Hand("default").anchor()


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"valid_to": LONG_AGO}, "valid_to must be later than valid_from."),
        ({"system_from": LONG_AGO}, "History is only ever added to"),
        ({"flag": "XX"}, "flag names nothing that exists."),
        ({"uuid": uuid.UUID(int=8)}, "uuid names nothing that exists."),
        ({"valid_from": "infinity"}, "Every instant must be finite."),
        ({"actor": ""}, "Who did it must be named."),
    ],
)
def test_a_row_that_is_refused(root: uuid.UUID, columns: dict[str, Any], sentence: str) -> None:
    error = raised(lambda hand: hand.vessel(root, **columns))
    assert isinstance(error, IntegrityRefused)
    assert str(error).startswith(sentence)


def test_a_second_current_row_and_an_overlap(root: uuid.UUID) -> None:
    Hand("default").vessel(root)
    assert isinstance(raised(lambda hand: hand.vessel(root, valid_from="2010-01-01Z")), RowsMoved)
    bounded = {"valid_from": "2010-01-01Z", "valid_to": "2011-01-01Z"}
    assert isinstance(raised(lambda hand: hand.vessel(root, **bounded)), RowsMoved)


@pytest.mark.django_db
def test_a_statement_timeout_as_it_comes() -> None:
    def wait(hand: Hand) -> None:
        hand.run("SET LOCAL statement_timeout = '1ms'")
        hand.run("SELECT pg_sleep(5)")

    assert isinstance(raised(wait), DatabaseBusy)


@pytest.mark.django_db
def test_a_value_the_driver_cannot_send_is_a_mistake_of_ours() -> None:
    assert raised(lambda hand: hand.run("SELECT %s", [object()])) is None
    assert raised(lambda hand: hand.run("SELECT %s", ["a\x00b"])) is None


@pytest.mark.django_db
def test_the_log_is_only_added_to() -> None:
    error = raised(lambda hand: hand.run("UPDATE core_auditentry SET actor = 'x'"))
    assert str(error) == "The audit log is only ever added to."
    assert not connection.needs_rollback
