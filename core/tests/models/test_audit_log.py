"""record(): the log of tables that have no versions."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from core.db import clock
from core.models import AuditAction, AuditEntry
from core.models.audit_log import record, thing_uuid
from core.models.scd2.change import Channel, Context
from core.tests.databases import CommittedDatabase

FULL = Context(
    actor="ada",
    actor_id=7,
    channel=Channel.ADMIN,
    client_address="192.0.2.7",
    request_id="r-1",
    reason="because",
    batch="b-1",
)
SHELL = Context(actor="ada@tug", channel=Channel.SYSTEM)


def write(context: Context = FULL, **changes: Any) -> datetime:
    given: dict[str, Any] = {
        "model_label": "tug.berth",
        "key": {"id": 5},
        "before": {"name": "old"},
        "after": {"name": "new"},
        "action": AuditAction.CHANGED,
    }
    return record(context, **{**given, **changes})


@pytest.mark.django_db
def test_an_entry_says_who_did_what_to_which_thing() -> None:
    instant = write()
    entry = AuditEntry.objects.exclude(actor="migration").get()
    assert entry.instant == entry.valid_from == instant
    assert (entry.model, entry.natural_key) == ("tug.berth", {"id": 5})
    assert (entry.before, entry.after) == ({"name": "old"}, {"name": "new"})
    assert (entry.action, entry.valid_to) == ("changed", None)
    assert (entry.actor, entry.actor_id, entry.channel) == ("ada", 7, "admin")
    assert (entry.client_address, entry.request_id) == ("192.0.2.7", "r-1")
    assert (entry.reason, entry.batch) == ("because", "b-1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        assert cursor.fetchone() == (entry.txid,)


@pytest.mark.django_db
def test_what_is_not_known_is_null_and_nothing_is_sql_s_null() -> None:
    write(SHELL, before=None, action=AuditAction.OPENED)
    entry = (
        AuditEntry.objects.exclude(actor="migration")
        .filter(before__isnull=True, after__isnull=False)
        .get()
    )
    assert (entry.actor_id, entry.client_address, entry.request_id) == (None, None, None)
    assert (entry.reason, entry.batch) == ("", None)


@pytest.mark.django_db
def test_values_keep_their_microseconds_and_their_letters() -> None:
    at = datetime(2024, 3, 31, 9, 30, 0, 123456, tzinfo=UTC)
    write(after={"at": at, "name": "Łódź\u2028", "n": Decimal("1.10"), "id": UUID(int=1)})
    assert AuditEntry.objects.exclude(actor="migration").get().after == {
        "at": "2024-03-31T09:30:00.123456Z",
        "name": "Łódź\u2028",
        "n": "1.10",
        "id": str(UUID(int=1)),
    }


@pytest.mark.django_db
def test_every_entry_has_a_later_instant() -> None:
    before = clock()
    instants = [write() for _ in range(50)]
    assert instants == sorted(set(instants))
    assert instants[0] > before - timedelta(microseconds=1)


@pytest.mark.django_db
def test_a_clock_that_was_set_back_does_not_turn_the_log_round() -> None:
    ahead = clock() + timedelta(days=1)
    last = AuditEntry.objects.exclude(actor="migration").order_by("-instant").first()
    assert last is None
    write()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_auditentry (instant, txid, actor, channel, model, uuid, natural_key,"
            " valid_from, action) SELECT %s, txid, actor, channel, model, uuid, natural_key, %s,"
            " action FROM core_auditentry",
            [ahead, ahead],
        )
    assert write() == ahead + timedelta(microseconds=1)


@pytest.mark.django_db
def test_the_database_refuses_an_entry_without_an_actor() -> None:
    nobody = Context(actor="x", channel=Channel.SYSTEM)
    object.__setattr__(nobody, "actor", "")
    with pytest.raises(IntegrityError, match="core_auditentry_actor_named"), transaction.atomic():
        write(nobody)


def test_outside_a_transaction_it_refuses(committed_db: CommittedDatabase) -> None:
    with pytest.raises(TransactionManagementError, match="in the transaction of the change"):
        write()
    assert not AuditEntry.objects.exclude(actor="migration").exists()


def test_it_goes_with_the_change_that_it_tells_of(committed_db: CommittedDatabase) -> None:
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exclude(actor="migration").exists()


def test_a_thing_s_uuid_is_its_own_or_made_of_its_model_and_key() -> None:
    own = uuid4()
    assert thing_uuid("tug.berth", {"id": own}) == own
    five = thing_uuid("tug.berth", {"id": 5})
    assert five == UUID("a0a82d1e-fb5e-2c09-4130-9d75896751f2")
    assert thing_uuid("tug.quay", {"id": 5}) != five
    assert thing_uuid("tug.berth", {"id": 6}) != five
