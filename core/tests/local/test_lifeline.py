"""Children end with the process that started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.local.home import ROOT
from core.local.lifeline import Child
from core.tests.local.helpers import alive, eventually

SLEEP = [sys.executable, "-c", "import os, signal; os.write(1, b'up\\n'); signal.pause()"]
PARENT = """
import os, sys
from core.local.lifeline import Child
child = Child({command!r}, watched={watched!r}, stdout=sys.stdout)
os.write(1, b"%d\\n" % child.pid)  # at once: the child writes to the same pipe
sys.stdin.read()
"""
both_ways = pytest.mark.parametrize("watched", [False, True], ids=["kernel", "pipe"])


@both_ways
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tell a process of a death")
def test_a_child_ends_with_its_killed_starter(watched: bool) -> None:
    script = PARENT.format(command=SLEEP, watched=watched)
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as starter:
        assert starter.stdout is not None
        lines = {starter.stdout.readline().strip() for _ in range(2)}
        assert "up" in lines
        child = int((lines - {"up"}).pop())
        assert alive(child)

        starter.kill()

        assert eventually(lambda: not alive(child))


@both_ways
def test_stop_sends_the_ending_and_waits(watched: bool) -> None:
    nowhere = subprocess.DEVNULL
    child = Child(SLEEP, ending=signal.SIGINT, watched=watched, stdout=nowhere, stderr=nowhere)

    child.stop()

    assert child.ended()
    assert not alive(child.pid)


def test_stop_kills_what_does_not_listen() -> None:
    deaf = "import signal as s; s.signal(s.SIGTERM, s.SIG_IGN); print('up', flush=True); s.pause()"
    child = Child([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
    assert child.process.stdout is not None
    assert child.process.stdout.readline() == b"up\n"

    child.stop(patience=0.1)
    child.process.stdout.close()

    assert child.process.returncode == -signal.SIGKILL


def test_a_dead_child_is_collected_by_itself() -> None:
    child = Child([sys.executable, "-c", ""])

    assert eventually(lambda: not Path(f"/proc/{child.pid}").exists() and child.ended())
    child.stop()
    assert child.process.returncode == 0


def test_a_child_does_not_see_the_terminals_signals() -> None:
    child = Child(SLEEP, stdout=subprocess.DEVNULL)

    assert os.getsid(child.pid) == child.pid
    child.stop()
