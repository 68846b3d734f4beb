"""The mode of an app: set, recorded, and in force for every write and call."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from core import control
from core.control import ACTIVE, ModeCache, modes, refuse_inactive, refuse_offline, set_mode
from core.models import AppControl, AppMode, AuditEntry
from core.models.scd2 import Change, Channel, Context
from core.models.scd2.bulk import apply_in_bulk
from core.models.scd2.engine import apply_changes
from core.models.scd2.exceptions import AppOffline, AppReadOnly, InvalidChange
from core.tests.databases import CommittedDatabase
from core.tests.harbour.models import Flag

WHO = Context(actor="ada", channel=Channel.API, reason="Moving")
LABEL = Flag._meta.app_label


def set_to(mode: AppMode, reason: str | None = "Moving house") -> None:
    set_mode(slug=LABEL, mode=mode, reason=reason, context=WHO)


def log() -> list[tuple[Any, Any]]:
    entries = AuditEntry.objects.filter(model="core.appcontrol").order_by("id")
    return [(entry.before, entry.after) for entry in entries]


@pytest.mark.django_db
def test_a_mode_is_stored_and_recorded() -> None:
    set_to(AppMode.READ_ONLY, "  Moving house ")

    stored = AppControl.objects.get(slug=LABEL)
    assert (stored.mode, stored.reason, stored.actor) == ("read_only", "Moving house", "ada")
    active = {"mode": "active", "reason": ""}
    assert log() == [(active, {"mode": "read_only", "reason": "Moving house"})]
    entry = AuditEntry.objects.get(model="core.appcontrol")
    assert (entry.natural_key, entry.action, entry.instant) == (
        {"slug": LABEL},
        "changed",
        stored.changed_at,
    )


@pytest.mark.django_db
def test_the_same_mode_again_is_no_change() -> None:
    set_to(AppMode.READ_ONLY)
    set_to(AppMode.READ_ONLY)
    set_mode(slug=LABEL, mode=AppMode.READ_ONLY, context=WHO)
    set_mode(slug=LABEL, context=WHO)

    assert len(log()) == 1


@pytest.mark.django_db
def test_an_active_app_has_no_reason() -> None:
    set_to(AppMode.OFFLINE)
    set_to(AppMode.ACTIVE, "All is well")

    assert log()[-1][1] == {"mode": "active", "reason": ""}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reason", "message"),
    [
        (None, "Give a reason: everybody who is refused is shown it."),
        (" ", "Give a reason: everybody who is refused is shown it."),
        ("x" * 501, "A reason has at most 500 characters."),
        ("one\ntwo", "A reason is one line of printable text."),
    ],
)
def test_a_mode_that_refuses_needs_a_reason(reason: str | None, message: str) -> None:
    with pytest.raises(InvalidChange, match=message) as refused:
        set_to(AppMode.READ_ONLY, reason)

    assert refused.value.field == "reason"
    assert log() == []


@pytest.mark.django_db
def test_a_reason_is_not_carried_over_to_another_mode() -> None:
    set_to(AppMode.READ_ONLY)

    with pytest.raises(InvalidChange):
        set_to(AppMode.OFFLINE, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mode", "error"), [(AppMode.READ_ONLY, AppReadOnly), (AppMode.OFFLINE, AppOffline)]
)
@pytest.mark.parametrize("write", [apply_changes, apply_in_bulk])
def test_the_engine_refuses_writes(write: Any, mode: AppMode, error: type[Exception]) -> None:
    change = Change({"code": "GR"}, {"name": "Greece"})
    set_to(mode)

    with pytest.raises(error, match="Moving house"), transaction.atomic():
        write([(Flag, [change])], WHO)

    set_to(AppMode.ACTIVE)
    assert write([(Flag, [change])], WHO).total.opened == 1


@pytest.mark.django_db
def test_another_app_is_not_concerned() -> None:
    set_mode(slug="entities", mode=AppMode.OFFLINE, reason="Away", context=WHO)

    assert apply_changes([(Flag, [Change({"code": "GR"}, {"name": "Greece"})])], WHO).total.opened


# The copy of a process


def test_calls_are_refused_by_the_copy(committed_db: CommittedDatabase) -> None:
    refuse_inactive(LABEL)
    set_to(AppMode.READ_ONLY)
    modes.refresh()

    refuse_offline(LABEL)
    with pytest.raises(AppReadOnly, match="Moving house"):
        refuse_inactive(LABEL)

    set_to(AppMode.OFFLINE)
    modes.refresh()
    for refuse in (refuse_offline, refuse_inactive):
        with pytest.raises(AppOffline, match="Moving house"):
            refuse(LABEL)


def test_the_copy_is_renewed_when_it_is_old(
    committed_db: CommittedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("core.control.time.monotonic", lambda: now[0])
    cache = ModeCache()
    assert cache.state(LABEL) == ACTIVE
    set_to(AppMode.READ_ONLY)

    now[0] += control.MAX_AGE
    assert cache.state(LABEL) == ACTIVE
    now[0] += 0.001
    assert cache.state(LABEL).mode == AppMode.READ_ONLY


def test_the_last_known_mode_holds_while_the_database_is_away(
    committed_db: CommittedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(AppMode.READ_ONLY)
    modes.refresh()

    def away() -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(control, "stored_states", away)
    modes.read_at = float("-inf")

    with pytest.raises(AppReadOnly):
        refuse_inactive(LABEL)


def test_nobody_waits_for_another_thread_that_asks(
    committed_db: CommittedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, go_on = threading.Event(), threading.Event()

    def slow() -> dict[str, Any]:
        asking.set()
        assert go_on.wait(30)
        return {}

    monkeypatch.setattr(control, "stored_states", slow)
    thread = threading.Thread(target=modes.state, args=[LABEL])
    thread.start()
    assert asking.wait(30)

    assert modes.state(LABEL) == ACTIVE
    go_on.set()
    thread.join()


@pytest.mark.django_db
def test_a_transaction_is_not_asked() -> None:
    """Its snapshot may be older than the copy, and an error would break it."""
    set_to(AppMode.OFFLINE)
    assert connection.in_atomic_block

    refuse_offline(LABEL)
