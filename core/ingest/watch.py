"""Watching over a running load: whether it has to end, while it works or waits."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Self

import psycopg
from django.db import Error, connection

from core.control import refuse_inactive
from core.ingest.batches import CANCELLED, Cancelled, is_cancelled
from core.ingest.own_connection import OwnConnection
from core.models.scd2.exceptions import AppNotActive

EVERY = 0.5
"""Seconds between two looks."""


class Interrupted(Exception):
    """The process has to end, and the load with it; nothing of it was written."""


class Watch:
    """Looks from a thread of its own whether the batch was cancelled, its app was switched to
    read-only or offline, or ``stop`` says so.

    Then it interrupts whatever the connection of the load is at, again and again until the
    load has ended: a statement that takes minutes ends within a second.
    """

    def __init__(
        self, aside: OwnConnection, batch_id: int, app_label: str, stop: Callable[[], bool]
    ) -> None:
        self.aside = aside
        self.batch_id = batch_id
        self.app_label = app_label
        self.stop = stop
        self.cause: Exception | None = None
        self.over = Event()
        connection.ensure_connection()
        self.load: psycopg.Connection[object] = connection.connection
        self.thread = Thread(target=self.look, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.over.set()
        self.thread.join()

    def check(self) -> None:
        """Raises Cancelled or Interrupted if the load has to end."""
        if self.cause:
            raise self.cause

    def look(self) -> None:
        while not self.over.wait(EVERY):
            self.cause = self.cause or self.reason()
            if self.cause:
                self.interrupt()

    def reason(self) -> Exception | None:
        if self.stop():
            return Interrupted("The process has to end.")
        try:
            cancelled = self.aside.call(is_cancelled, self.batch_id)
            self.aside.call(refuse_inactive, self.app_label)
        except (Error, RuntimeError):
            return None  # a lost connection ends the load by itself
        except AppNotActive as refusal:
            return refusal
        return Cancelled(CANCELLED) if cancelled else None

    def interrupt(self) -> None:
        try:
            self.load.cancel_safe(timeout=EVERY * 10)
        except psycopg.Error:
            return  # gone, or not yet reachable: there is another look
