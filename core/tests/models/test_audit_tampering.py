"""Whoever has the password of the application role cannot make the log forget."""

from __future__ import annotations

from typing import Any

import pytest

from core.models import AuditAction, AuditEntry
from core.models.audit_log import record
from core.models.scd2.change import Channel, Context
from core.tests.models.scd2.hands import Hand

PRIVILEGE, REFUSED = "42501", "23001"
LOG = "core_auditentry"
EVERY_COLUMN = ", ".join(f"{f.column} = NULL" for f in AuditEntry._meta.concrete_fields[1:])

CHANGING = {
    "update": "UPDATE core_auditentry SET actor = 'nobody'",
    "update of nothing": "UPDATE core_auditentry SET actor = 'nobody' WHERE false",
    "update of everything": f"UPDATE core_auditentry SET {EVERY_COLUMN}",
    "upsert": (
        "INSERT INTO core_auditentry SELECT * FROM core_auditentry "
        "ON CONFLICT (id) DO UPDATE SET actor = 'nobody'"
    ),
    "merge": (
        "MERGE INTO core_auditentry AS log USING (SELECT 1) AS one ON true "
        "WHEN MATCHED THEN UPDATE SET actor = 'nobody'"
    ),
}
FORBIDDEN = {
    "delete": "DELETE FROM core_auditentry",
    "delete by merge": (
        "MERGE INTO core_auditentry AS log USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE"
    ),
    "truncate": "TRUNCATE core_auditentry",
    "drop": "DROP TABLE core_auditentry CASCADE",
    "rename": "ALTER TABLE core_auditentry RENAME TO gone",
    "new column": "ALTER TABLE core_auditentry ADD COLUMN x int",
    "no column": "ALTER TABLE core_auditentry DROP COLUMN actor",
    "other type": "ALTER TABLE core_auditentry ALTER COLUMN actor TYPE varchar(1)",
    "other owner": "ALTER TABLE core_auditentry OWNER TO CURRENT_USER",
    "no trigger": "ALTER TABLE core_auditentry DISABLE TRIGGER ALL",
    "no guard": "ALTER TABLE core_auditentry DISABLE TRIGGER USER",
    "no check": "ALTER TABLE core_auditentry DROP CONSTRAINT core_auditentry_actor_named",
    "other parent": "ALTER TABLE core_auditentry NO INHERIT core_auditentry",
    "row security": "ALTER TABLE core_auditentry ENABLE ROW LEVEL SECURITY",
    "drop trigger": 'DROP TRIGGER "core_auditentry_append_only_change" ON core_auditentry',
    "own trigger": (
        "CREATE TRIGGER silent BEFORE INSERT ON core_auditentry "
        "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    "rule": "CREATE RULE silent AS ON INSERT TO core_auditentry DO INSTEAD NOTHING",
    "policy": "CREATE POLICY silent ON core_auditentry USING (false)",
    "other guard": (
        "CREATE OR REPLACE FUNCTION public.core_refuse() RETURNS trigger LANGUAGE plpgsql "
        "AS 'BEGIN RETURN NULL; END'"
    ),
    "guard away": "DROP FUNCTION core_refuse() CASCADE",
    "as a replica": "SET session_replication_role = replica",
    "as the catalog": "UPDATE pg_trigger SET tgenabled = 'D'",
    "event trigger": (
        "CREATE EVENT TRIGGER silent ON ddl_command_end EXECUTE FUNCTION core_refuse()"
    ),
    "number back": "SELECT setval('core_auditentry_id_seq', 1)",
    "from a file": "COPY core_auditentry FROM '/dev/null'",
    "to a program": "COPY core_auditentry TO PROGRAM 'cat'",
    "index": "CREATE INDEX ON core_auditentry (actor)",
    "comment": "COMMENT ON TABLE core_auditentry IS 'x'",
}


@pytest.fixture
def hand(db: None) -> Hand:
    """The application role, and one entry that it would like to be rid of."""
    record(
        Context(actor="ada", channel=Channel.SYSTEM),
        model_label="test.thing",
        key={"id": 1},
        before=None,
        after={"a": 1},
        action=AuditAction.OPENED,
    )
    return Hand("default")


def entries() -> list[Any]:
    return list(AuditEntry.objects.order_by("id").values())


@pytest.mark.parametrize("query", CHANGING.values(), ids=CHANGING)
def test_no_entry_is_changed(hand: Hand, query: str) -> None:
    before = entries()
    assert hand.refused(query) == (REFUSED, "core_auditentry_append_only")
    assert entries() == before


@pytest.mark.parametrize("query", FORBIDDEN.values(), ids=FORBIDDEN)
def test_no_entry_is_deleted_and_no_guard_removed(hand: Hand, query: str) -> None:
    before = entries()
    assert hand.refused(query)[0] == PRIVILEGE
    assert entries() == before


def test_the_owner_s_rights_cannot_be_taken(hand: Hand) -> None:
    (row,) = hand.rows("SELECT tableowner FROM pg_tables WHERE tablename = 'core_auditentry'")
    assert hand.refused("SET ROLE {owner}", owner=row[0])[0] == PRIVILEGE
    assert hand.refused("SET SESSION AUTHORIZATION {owner}", owner=row[0])[0] == PRIVILEGE


@pytest.mark.parametrize("right", ["DELETE", "TRUNCATE", "TRIGGER", "REFERENCES"])
def test_no_right_can_be_granted(hand: Hand, right: str) -> None:
    """PostgreSQL warns, and grants nothing."""
    ((role,),) = hand.rows("SELECT current_user::text")
    hand.run(f"GRANT {right} ON core_auditentry TO {{role}}", role=role)
    asked = "SELECT has_table_privilege('core_auditentry', %s)"
    assert hand.rows(asked, [right]) == [(False,)]


def test_a_table_in_front_of_it_fools_only_oneself(hand: Hand) -> None:
    hand.run("CREATE TEMPORARY TABLE core_auditentry (LIKE public.core_auditentry)")
    own = "SELECT count(*) FROM public.core_auditentry WHERE actor <> 'migration'"
    assert hand.rows(own, []) == [(1,)]
