"""Raw SQL that would rewrite history is refused, to the application and to the owner alike."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.apps import apps
from django.db import connections

from core.checks import versioned_models
from core.models import AuditEntry
from core.models.scd2.model import AnchorModel
from core.tests.harbour.models import Vessel
from core.tests.models.scd2.hands import LONG_AGO, TICK, Hand

ROLES = {"application": "default", "owner": "owner"}
HISTORY = ("23001", "harbour_vessel_history")
OUT_OF_REACH = ("42501", None)
VERSIONED = [model._meta.db_table for model in versioned_models()]
APPEND_ONLY = [
    model._meta.db_table
    for model in apps.get_models()
    if issubclass(model, AnchorModel) or model is AuditEntry
]

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture(params=ROLES)
def hand(request: pytest.FixtureRequest) -> Hand:
    return Hand(ROLES[request.param])


@pytest.fixture
def root(hand: Hand) -> uuid.UUID:
    hand.flag("NO")
    hand.flag("SE")
    return hand.anchor()


@pytest.fixture
def version(hand: Hand, root: uuid.UUID) -> int:
    """An open, live version."""
    return hand.vessel(root)


def changed(hand: Hand, version: int, **columns: Any) -> tuple[str, str | None]:
    """The refusal of an UPDATE that sets these columns."""
    return hand.refused(setting(columns), [*columns.values(), version])


def change(hand: Hand, version: int, **columns: Any) -> None:
    assert hand.run(setting(columns), [*columns.values(), version]) == 1


def setting(columns: dict[str, Any]) -> str:
    return f"UPDATE harbour_vessel SET {', '.join(f'{c} = %s' for c in columns)} WHERE id = %s"


def closing(hand: Hand, **columns: Any) -> dict[str, Any]:
    return {"valid_to": hand.begun, "closed_at": hand.now, **columns}


# Nothing goes


@pytest.mark.parametrize("table", VERSIONED + APPEND_ONLY)
@pytest.mark.parametrize("statement", ["DELETE FROM {table}", "TRUNCATE {table}"])
def test_nothing_is_deleted(hand: Hand, table: str, statement: str) -> None:
    state, _ = hand.refused(statement, table=table)
    assert state == ("42501" if hand.alias == "default" else "23001")


def test_not_even_what_is_there(hand: Hand, version: int) -> None:
    refusal = OUT_OF_REACH if hand.alias == "default" else HISTORY
    assert hand.refused("DELETE FROM harbour_vessel WHERE id = %s", [version]) == refusal
    assert hand.rows("SELECT id FROM harbour_vessel") == [(version,)]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_anchors_and_the_log_never_change(hand: Hand, table: str) -> None:
    column = "instant" if table == "core_auditentry" else "created_at"
    refusal = hand.refused("UPDATE {table} SET {column} = now()", table=table, column=column)
    suffix = "append_only" if table == "core_auditentry" else "for_ever"
    assert refusal == ("23001", f"{table}_{suffix}")


def test_an_upsert_is_an_update(hand: Hand, root: uuid.UUID) -> None:
    refusal = hand.refused(
        "INSERT INTO harbour_vesselanchor (uuid) VALUES (%s) "
        "ON CONFLICT (uuid) DO UPDATE SET created_at = now()",
        [root],
    )
    assert refusal == ("23001", "harbour_vesselanchor_for_ever")


# A row is closed once and superseded once


def test_a_legal_close_and_a_legal_supersede_pass(hand: Hand, version: int) -> None:
    change(hand, version, **closing(hand), updated_at=hand.now)
    change(hand, version, system_to=hand.now)
    found = hand.rows("SELECT valid_to IS NULL, closed_at IS NULL, is_current FROM harbour_vessel")
    assert found == [(False, False, False)]


def test_the_instant_of_a_close_may_be_the_transaction_s_first(hand: Hand, version: int) -> None:
    change(hand, version, **closing(hand, closed_at=hand.begun))


OTHERWISE: dict[str, Any] = {
    "id": 10**12,
    "uuid": uuid.UUID(int=7),
    "name": "Gjøa",
    "flag": "SE",
    "tonnage": 1,
    "in_service": True,
    "launched": "1900-01-01",
    "inspected_at": LONG_AGO,
    "valid_from": LONG_AGO + TICK,
    "valid_to": LONG_AGO + TICK,
    "system_from": "2100-01-01Z",
    "closed_at": "2100-01-01Z",
    "actor_id": 1,
    "actor": "somebody else",
    "reason": "why not",
    "created_at": LONG_AGO,
    "updated_at": LONG_AGO,
}


def test_every_column_is_thought_of() -> None:
    generated = {field.column for field in Vessel._meta.concrete_fields if field.generated}
    assert generated == {"is_current", "hash_diff"}
    columns = {field.column for field in Vessel._meta.concrete_fields}
    assert columns == {*OTHERWISE, *generated, "system_to"}


@pytest.mark.parametrize("column", OTHERWISE)
def test_no_column_changes_by_itself(hand: Hand, version: int, column: str) -> None:
    refusal = changed(hand, version, **{column: OTHERWISE[column]})
    # closed_at without an end is already refused by a CHECK, before the guard is asked.
    check = ("23514", "harbour_vessel_closed")
    assert refusal == (check if column == "closed_at" else HISTORY)


@pytest.mark.parametrize("column", sorted(set(OTHERWISE) - {"valid_to", "closed_at", "updated_at"}))
def test_no_column_changes_together_with_a_close(hand: Hand, version: int, column: str) -> None:
    given = {column: OTHERWISE[column]}
    assert changed(hand, version, **closing(hand, **given)) == HISTORY


@pytest.mark.parametrize("column", sorted(set(OTHERWISE) - {"system_from", "updated_at"}))
def test_no_column_changes_with_a_supersede(hand: Hand, version: int, column: str) -> None:
    change(hand, version, **closing(hand))
    refusal = changed(hand, version, **{column: OTHERWISE[column], "system_to": hand.now})
    assert refusal == HISTORY


def test_the_start_of_a_belief_does_not_move_with_its_end(hand: Hand, version: int) -> None:
    earlier = {"system_from": LONG_AGO, "system_to": hand.now}
    assert changed(hand, version, **earlier) == HISTORY


@pytest.mark.parametrize("column", ["is_current", "hash_diff"])
def test_generated_columns_cannot_lie(hand: Hand, version: int, column: str) -> None:
    state, _ = changed(hand, version, **{column: None})
    assert state == "428C9"


def test_nothing_is_closed_twice(hand: Hand, version: int) -> None:
    change(hand, version, **closing(hand))
    later = {"valid_to": hand.now, "closed_at": hand.now}
    assert changed(hand, version, **later) == HISTORY
    assert changed(hand, version, closed_at=hand.now) == HISTORY


def test_an_end_never_moves(hand: Hand, version: int) -> None:
    change(hand, version, **closing(hand))
    assert changed(hand, version, valid_to=hand.now) == HISTORY


def test_nothing_is_opened_again(hand: Hand, version: int) -> None:
    change(hand, version, **closing(hand))
    assert changed(hand, version, valid_to=None, closed_at=None) == HISTORY
    change(hand, version, system_to=hand.now)
    assert changed(hand, version, valid_to=None, closed_at=None) == HISTORY


def test_what_was_opened_with_an_end_is_not_closed(hand: Hand, root: uuid.UUID) -> None:
    bounded = hand.vessel(root, valid_to=hand.begun)
    assert changed(hand, bounded, **closing(hand, valid_to=hand.now)) == HISTORY
    assert changed(hand, bounded, closed_at=hand.now) == HISTORY


def test_nothing_is_believed_again(hand: Hand, version: int) -> None:
    change(hand, version, system_to=hand.now)
    assert changed(hand, version, system_to=None) == HISTORY
    assert changed(hand, version, system_to=hand.now) == HISTORY
    assert changed(hand, version, **closing(hand)) == HISTORY
    assert changed(hand, version, updated_at=hand.now) == HISTORY


def test_a_close_needs_its_instant(hand: Hand, version: int) -> None:
    assert changed(hand, version, valid_to=hand.now) == HISTORY


def test_nothing_is_closed_and_superseded_at_once(hand: Hand, version: int) -> None:
    assert changed(hand, version, **closing(hand, system_to=hand.now)) == HISTORY


def test_the_instant_is_one_of_this_transaction(hand: Hand, root: uuid.UUID) -> None:
    version = hand.vessel(root, system_from=hand.begun)
    earlier = hand.begun - TICK
    assert changed(hand, version, **closing(hand, closed_at=earlier)) == HISTORY
    # A belief ends after it began, so an earlier end is refused by the CHECK already.
    assert changed(hand, version, system_to=earlier) == ("23514", "harbour_vessel_system_period")


# A version is opened live, now, and on its anchors


def test_a_version_by_hand_passes(hand: Hand, root: uuid.UUID) -> None:
    hand.vessel(root, system_from=hand.begun)
    assert hand.rows("SELECT name, is_current FROM harbour_vessel") == [("Fram", True)]


@pytest.mark.parametrize(
    ("columns", "refusal"),
    [
        ({"system_to": "2100-01-01Z"}, HISTORY),
        ({"valid_to": "2100-01-01Z", "closed_at": "2100-01-01Z"}, HISTORY),
        ({"system_from": LONG_AGO}, HISTORY),
        ({"uuid": uuid.UUID(int=8)}, ("23503", "harbour_vessel_history")),
        ({"flag": "XX"}, ("23503", "harbour_vessel_history")),
        ({"flag": ""}, ("23503", "harbour_vessel_history")),
        ({"valid_from": "infinity"}, ("23514", "harbour_vessel_finite")),
        ({"valid_from": "-infinity"}, ("23514", "harbour_vessel_finite")),
        ({"valid_to": "infinity"}, ("23514", "harbour_vessel_finite")),
        ({"system_from": "infinity"}, ("23514", "harbour_vessel_finite")),
        ({"system_to": "infinity"}, ("23514", "harbour_vessel_finite")),
        ({"valid_to": LONG_AGO}, ("23514", "harbour_vessel_valid_period")),
        ({"valid_to": LONG_AGO - TICK}, ("23514", "harbour_vessel_valid_period")),
        ({"closed_at": "2100-01-01Z"}, ("23514", "harbour_vessel_closed")),
        ({"actor": ""}, ("23514", "harbour_vessel_actor_named")),
        ({"actor": None}, ("23502", None)),
        ({"name": None}, ("23502", None)),
    ],
)
def test_a_version_that_is_not_an_opening_is_refused(
    hand: Hand, root: uuid.UUID, columns: dict[str, Any], refusal: tuple[str, str | None]
) -> None:
    assert hand.refused_vessel(root, **columns) == refusal
    assert hand.rows("SELECT count(*) FROM harbour_vessel") == [(0,)]


def test_a_belief_begins_in_this_transaction(hand: Hand, root: uuid.UUID) -> None:
    assert hand.refused_vessel(root, system_from=hand.begun - TICK) == HISTORY


def test_there_is_one_current_version(hand: Hand, root: uuid.UUID, version: int) -> None:
    refusal = hand.refused_vessel(root, valid_from="2010-01-01Z")
    assert refusal == ("23505", "harbour_vessel_one_current")


def test_live_versions_never_overlap(hand: Hand, root: uuid.UUID) -> None:
    hand.vessel(root, valid_from="2001-01-01Z", valid_to="2003-01-01Z")
    refusal = hand.refused_vessel(root, valid_from="2002-01-01Z")
    assert refusal == ("23P01", "harbour_vessel_no_overlap")
    hand.vessel(root, valid_from="2003-01-01Z")


def test_another_vessel_or_another_belief_may_overlap(hand: Hand, root: uuid.UUID) -> None:
    first = hand.vessel(root)
    hand.vessel(hand.anchor())
    change(hand, first, system_to=hand.now)
    hand.vessel(root, valid_from="2010-01-01Z")


def test_a_temporary_table_stands_in_for_no_anchor(hand: Hand, root: uuid.UUID) -> None:
    hand.run("CREATE TEMPORARY TABLE harbour_flaganchor (code text)")
    hand.run("INSERT INTO pg_temp.harbour_flaganchor VALUES ('XX')")
    assert hand.refused_vessel(root, flag="XX") == ("23503", "harbour_vessel_history")


# Backfills


@pytest.mark.parametrize("name", ["pg_class", "pg_roles"])
def test_the_application_cannot_backfill(name: str) -> None:
    hand = Hand("default")
    hand.flag("NO")
    hand.run("SET LOCAL core.backfill = 'on'")
    hand.run("CREATE TEMPORARY TABLE {name} AS SELECT * FROM pg_catalog.{name}", name=name)
    root = hand.anchor()
    assert hand.refused_vessel(root, system_from=LONG_AGO) == HISTORY
    version = hand.vessel(root)
    past = closing(hand, closed_at=LONG_AGO)
    assert changed(hand, version, **past) == HISTORY


def test_the_owner_backfills_with_the_flag_and_not_without() -> None:
    hand = Hand("owner")
    hand.flag("NO")
    root = hand.anchor()
    assert hand.refused_vessel(root, system_from=LONG_AGO) == HISTORY
    hand.run("SET LOCAL core.backfill = 'on'")
    version = hand.vessel(root, system_from=LONG_AGO)
    change(hand, version, **closing(hand, closed_at=LONG_AGO + TICK))
    change(hand, version, system_to=LONG_AGO + 2 * TICK)


def test_a_backfill_is_bound_by_everything_else(hand: Hand, version: int) -> None:
    hand.run("SET LOCAL core.backfill = 'on'")
    assert changed(hand, version, name="Gjøa") == HISTORY
    assert changed(hand, version, **closing(hand, system_to=hand.now)) == HISTORY
    refused = {"system_from": hand.now, "system_to": "2100-01-01Z"}
    assert hand.refused_vessel(hand.anchor(), **refused) == HISTORY


# Rights


@pytest.mark.parametrize("table", VERSIONED + APPEND_ONLY)
def test_the_application_has_no_right_to_rewrite(table: str) -> None:
    hand = Hand("default")
    query = "SELECT p FROM unnest(%s::text[]) AS p WHERE has_table_privilege(%s::regclass, p)"
    asked = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
    granted = {row[0] for row in hand.rows(query, [asked, table])}
    assert granted == {"SELECT", "INSERT", "UPDATE"}


def test_the_application_owns_nothing() -> None:
    hand = Hand("default")
    assert hand.rows("SELECT relname FROM pg_class WHERE relowner = current_user::regrole") == []
    assert hand.rows("SELECT proname FROM pg_proc WHERE proowner = current_user::regrole") == []
    owner = connections["owner"].settings_dict["USER"]
    membership = hand.rows("SELECT pg_has_role(current_user, %s, 'MEMBER')", [owner])
    assert membership == [(False,)]


def test_the_application_cannot_silence_the_guards() -> None:
    hand = Hand("default")
    for statement in (
        "ALTER TABLE harbour_vessel DISABLE TRIGGER ALL",
        "DROP TRIGGER harbour_vessel_history_update ON harbour_vessel",
        "SET LOCAL session_replication_role = 'replica'",
        "CREATE OR REPLACE FUNCTION core_may_backfill(oid) RETURNS boolean RETURN true",
    ):
        assert hand.refused(statement)[0] == "42501"
