"""A service that runs, as its users have it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from core.local.home import ROOT

PATIENCE = 60
"""Seconds after which a service that does not serve never will."""


@contextmanager
def running(service: str, log: Path) -> Iterator[str]:
    """The address of a service under gunicorn, on the database that the environment names."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", "--config=core/config/gunicorn.py"]
    command += [f"--bind={address}", f"{service}.config.wsgi:application"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": f"{service}.config.settings"}
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output
        ) as process,
    ):
        try:
            wait_for(f"http://{address}/health/ready", log)
            yield f"http://{address}"
        finally:
            process.terminate()


def wait_for(address: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(address) as response:
                assert response.status == 200
            return
        except URLError as error:
            if isinstance(error, HTTPError):
                error.close()
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.1)
