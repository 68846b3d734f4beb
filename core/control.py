"""The mode of tethered apps, in force in every process within two seconds.

Calls look at a copy that each process keeps for ``MAX_AGE``; the engine reads the mode in the
statement that begins every write. While the database cannot be asked, the last known mode holds.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple

from django.db import DatabaseError, InterfaceError, connection

from core.models import AppControl, AppMode, AuditAction
from core.models.audit_log import record
from core.models.scd2.change import Context
from core.models.scd2.exceptions import InvalidChange, not_active
from core.transactions import atomic_write

MAX_AGE = 1.0
"""Seconds for which a process trusts its copy of the modes."""
LONGEST_REASON = 500


class State(NamedTuple):
    """A mode, why, and since when (UTC; None: it was never set)."""

    mode: AppMode
    reason: str = ""
    since: datetime | None = None
    actor: str = ""


ACTIVE = State(AppMode.ACTIVE)


class ModeCache:
    """This process's copy of all modes, by slug."""

    def __init__(self) -> None:
        self.states: Mapping[str, State] = {}
        self.read_at = float("-inf")
        self.refreshing = Lock()

    def state(self, slug: str) -> State:
        if time.monotonic() - self.read_at > MAX_AGE:
            self.refresh()
        return self.states.get(slug, ACTIVE)

    def refresh(self) -> None:
        """One thread asks; the others go on with the copy, as all do inside a transaction, whose
        snapshot may be older than the copy.
        """
        if connection.in_atomic_block or not self.refreshing.acquire(blocking=False):
            return
        try:
            self.states = stored_states()
        except (DatabaseError, InterfaceError):
            pass  # the last known modes stay in force
        finally:
            self.read_at = time.monotonic()
            self.refreshing.release()

    def forget(self) -> None:
        """Ask again at the next call."""
        self.states, self.read_at = {}, float("-inf")


modes = ModeCache()


def stored_states() -> dict[str, State]:
    return {
        control.slug: State(
            AppMode(control.mode), control.reason, control.changed_at, control.actor
        )
        for control in AppControl.objects.all()
    }


def refuse_offline(slug: str) -> None:
    """Raises AppOffline for any call to an app that is offline."""
    state = modes.state(slug)
    if state.mode == AppMode.OFFLINE:
        raise not_active(slug, state.mode, state.reason)


def refuse_inactive(slug: str) -> None:
    """Raises AppNotActive for a write to an app that is read-only or offline."""
    state = modes.state(slug)
    if state.mode != AppMode.ACTIVE:
        raise not_active(slug, state.mode, state.reason)


@atomic_write
def set_mode(
    *, slug: str, mode: AppMode | None = None, reason: str | None = None, context: Context
) -> None:
    """Set the mode of an app, its reason, or both, with an entry in the audit log.

    The same again is no change. Raises InvalidChange for a mode other than active without a
    reason.
    """
    AppControl.objects.bulk_create(
        [AppControl(slug=slug, mode=AppMode.ACTIVE, actor=context.actor)], ignore_conflicts=True
    )
    control = AppControl.objects.select_for_update().get(slug=slug)
    before = described(control)
    if reason is None:
        reason = control.reason if mode in (None, control.mode) else ""
    control.mode = AppMode(mode or control.mode)
    control.reason = checked_reason(control.mode, reason)
    if described(control) == before:
        return
    control.actor = context.actor
    control.changed_at = record(
        context,
        model_label=AppControl._meta.label_lower,
        key={"slug": slug},
        before=before,
        after=described(control),
        action=AuditAction.CHANGED,
    )
    control.save()


def checked_reason(mode: str, reason: str) -> str:
    """The reason without outer blanks; an active app has none. Raises InvalidChange."""
    if mode == AppMode.ACTIVE:
        return ""
    reason = reason.strip()
    if not reason:
        raise InvalidChange("Give a reason: everybody who is refused is shown it.", field="reason")
    if len(reason) > LONGEST_REASON:
        raise InvalidChange(f"A reason has at most {LONGEST_REASON} characters.", field="reason")
    if not reason.isprintable():
        raise InvalidChange("A reason is one line of printable text.", field="reason")
    return reason


def described(control: AppControl) -> dict[str, Any]:
    return {"mode": control.mode, "reason": control.reason}
