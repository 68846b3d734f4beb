"""Processes that end with the one that started them, however that one ends."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

_PR_SET_PDEATHSIG = 1
_KERNEL_TELLS = sys.platform == "linux"
# Loaded here: between fork and exec nothing may be imported.
_libc = ctypes.CDLL(None) if _KERNEL_TELLS else None


class Child:
    """A process in a session of its own, sent ``ending`` when its starter ends.

    On Linux the kernel sends it; elsewhere (or with ``watched``) a small shell does, which waits
    at the far end of a pipe that closes with the starter, killed or not.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        ending: signal.Signals = signal.SIGTERM,
        watched: bool = not _KERNEL_TELLS,
        **options: Any,
    ) -> None:
        """Start ``command``; ``options`` are those of ``subprocess.Popen``."""
        self.ending = ending
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=None if watched else _bound_to_starter(ending),  # noqa: PLW1509
            **options,
        )
        self._watcher = _watch(self.process.pid, ending) if watched else None
        # Collected as soon as it ends: what looks by number must not take a dead one for alive.
        threading.Thread(target=self.process.wait, daemon=True).start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self.process.pid

    def ended(self) -> bool:
        """Whether it is no longer there."""
        return self.process.poll() is not None

    def tell(self) -> None:
        """Send ``ending`` and do not wait."""
        if not self.ended():
            self.process.send_signal(self.ending)

    def stop(self, patience: float = 20) -> None:
        """Send ``ending`` and wait for the end; after ``patience`` seconds kill it."""
        self._dismiss_watcher()
        self.tell()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _dismiss_watcher(self) -> None:
        if self._watcher is None:
            return
        self._watcher.kill()
        self._watcher.communicate()
        self._watcher = None


def foreground(command: Sequence[str], environ: Mapping[str, str] | None = None) -> int:
    """Run ``command`` on this terminal; its exit code, as a shell has it.

    Signals to end are passed on, and what they interrupt is waited for; on Linux the command ends
    too when this process is killed. Raises OSError if it cannot be run.
    """
    early: list[int] = []
    _handle_ends(lambda number, _: early.append(number))
    bound = _bound_to_starter(signal.SIGTERM) if _KERNEL_TELLS else None
    with subprocess.Popen(command, env=environ, preexec_fn=bound) as process:  # noqa: PLW1509

        def pass_on(number: int, _frame: FrameType | None = None) -> None:
            # A terminal sends its own Ctrl-C to both.
            if number != signal.SIGINT or not os.isatty(0):
                process.send_signal(number)

        _handle_ends(pass_on)
        for number in early:
            pass_on(number)
        code = process.wait()
    return code if code >= 0 else 128 - code


def _handle_ends(handler: Callable[[int, FrameType | None], None]) -> None:
    """Have signals to end handled, but for those that whoever started this had ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def _bound_to_starter(ending: signal.Signals) -> Callable[[], None]:
    starter = os.getpid()

    def bind() -> None:
        assert _libc is not None
        _libc.prctl(_PR_SET_PDEATHSIG, int(ending))
        if os.getppid() != starter:
            os._exit(1)

    return bind


def _watch(pid: int, ending: signal.Signals) -> subprocess.Popen[bytes]:
    script = 'cat >/dev/null; kill -s "$1" "$0"'
    name = ending.name.removeprefix("SIG")
    return subprocess.Popen(
        ["/bin/sh", "-c", script, str(pid), name], stdin=subprocess.PIPE, start_new_session=True
    )
