"""Other processes on the same database, each doing as it is told."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import IO, Any

from django.db import connections

from core.local.home import ROOT
from core.tests.databases import CommittedDatabase

SIZE = 4
"""How many there are in a crew."""
PATIENCE = 30.0
"""Seconds after which something is taken never to happen."""

START = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "core.tests.settings"
import django
django.setup()
from core.tests.sailor import main
main()
"""


class Sailor:
    """One process."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", START],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    @property
    def ears(self) -> IO[str]:
        assert self.process.stdin is not None
        return self.process.stdin

    @property
    def mouth(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout

    def tell(self, order: str, **arguments: Any) -> None:
        """Give an order without waiting for the answer."""
        self.say({"order": order, "args": arguments})

    def say(self, word: Any) -> None:
        self.ears.write(json.dumps(word) + "\n")
        self.ears.flush()

    def has_answered(self) -> bool:
        """Whether an answer is there."""
        return bool(select.select([self.mouth], [], [], 0)[0])

    def answer(self, patience: float = PATIENCE) -> dict[str, Any]:
        """The next answer."""
        ready, _, _ = select.select([self.mouth], [], [], patience)
        assert ready, "no answer"
        return dict(json.loads(self.mouth.readline()))

    def do(self, order: str, **arguments: Any) -> Any:
        """Give an order and return what came of it, which must not be an error."""
        self.tell(order, **arguments)
        return self.done()

    def done(self) -> Any:
        answer = self.answer()
        assert answer.keys() == {"ok"}, answer
        return answer["ok"]

    def leave(self) -> None:
        """Go off board; who is still busy after a test that failed is of no more use."""
        if not self.alive:
            return
        self.tell("leave")
        try:
            while self.answer(patience=2) != {"ok": "left"}:
                pass
        except AssertionError:
            self.kill()

    def kill(self) -> None:
        """As the kernel does it when memory runs out."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.dismiss()

    def dismiss(self) -> None:
        self.ears.close()
        self.process.wait(PATIENCE)
        self.mouth.close()

    @property
    def alive(self) -> bool:
        return self.process.poll() is None


class Crew:
    """Some processes that come on board of one database after the other."""

    def __init__(self, size: int) -> None:
        self.sailors = [Sailor() for _ in range(size)]

    @contextmanager
    def aboard(self, database: CommittedDatabase) -> Iterator[list[Sailor]]:
        """Let all work on a database; who was killed on the last one is replaced."""
        self.sailors = [one if one.alive else Sailor() for one in self.sailors]
        for sailor in self.sailors:
            sailor.tell("board", **asdict(database))
        for sailor in self.sailors:
            sailor.done()
        try:
            yield self.sailors
        finally:
            for sailor in self.sailors:
                sailor.leave()

    def dismiss(self) -> None:
        for sailor in self.sailors:
            if sailor.alive:
                sailor.dismiss()


@contextmanager
def the_gun() -> Iterator[None]:
    """Hold everybody who waits for the starting gun, until the block ends."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(1)")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(1)")


def until(condition: Callable[[], Any]) -> None:
    """Look until it is so. Fails after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.005)


def count_sessions(condition: str) -> int:
    """How many other sessions of this database there are of which a condition holds."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            f"AND pid <> pg_backend_pid() AND {condition}"
        )
        return int(cursor.fetchone()[0])


def waiting() -> int:
    """How many sessions wait for a lock."""
    return count_sessions("wait_event_type = 'Lock'")
