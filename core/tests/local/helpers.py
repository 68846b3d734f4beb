"""Processes and homes for the tests of the local database."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.local.home import ROOT

PATIENCE = 60


def eventually(condition: Callable[[], object]) -> bool:
    """Whether ``condition`` comes true before patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be collected does not."""
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    if Path("/proc/self").exists():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def postmaster(home: Path) -> int:
    """The number of the server's first process, as its files say."""
    return int((home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


@contextmanager
def open_home() -> Iterator[Path]:
    """A place for a home that every user may enter; what ran in it is ended."""
    directory = Path(tempfile.mkdtemp(prefix="cockpit-home-"))
    directory.chmod(0o755)
    try:
        yield directory / "home"
    finally:
        for home in directory.iterdir():
            _end_server(home)
        shutil.rmtree(directory)


def _end_server(home: Path) -> None:
    with suppress(OSError, IndexError):
        pid = postmaster(home)
        os.kill(pid, signal.SIGQUIT)
        eventually(lambda: not alive(pid))


class Starter:
    """The process of ``starter.py``, started and not yet waited for."""

    def __init__(self, home: Path, *users: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "core.tests.local.starter", str(home), *users],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "READABLE": str(home.parent)},
        )

    def environ(self) -> dict[str, str]:
        """What it prepared, once it has."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.end()
        answer: dict[str, str] = json.loads(line)
        return answer

    def end(self) -> tuple[int, str]:
        """Let it end; its exit code and what it complained of."""
        _, complaint = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, complaint

    def kill(self) -> None:
        """End it as no process can prepare for."""
        self.process.kill()
        with suppress(ValueError):
            self.process.communicate()


@contextmanager
def started(home: Path, *users: str) -> Iterator[Starter]:
    """A starter that does not outlive the test."""
    starter = Starter(home, *users)
    try:
        yield starter
    finally:
        starter.kill()
