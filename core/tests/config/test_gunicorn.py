"""What gunicorn writes of a request, seen on the real program with the real configuration."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import orjson
import pytest

from core.local.home import ROOT

FORGED = '{"event":"forged"}'


@pytest.fixture
def address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def log(address: str, tmp_path: Path) -> Iterator[Path]:
    """The log of the entities service."""
    command = [sys.executable, "-m", "gunicorn", "--config=core/config/gunicorn.py"]
    command += [f"--bind={address}", "entities.config.wsgi:application"]
    environ = os.environ | {"DATABASE_POOL_SIZE": "1", "LOG_LEVEL": "INFO", "TLS": "false"}
    path = tmp_path / "log"
    with path.open("wb") as file:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=file, stderr=file)
    yield path
    process.terminate()
    process.wait(timeout=30)


def fetch(url: str, **headers: str) -> bytes:
    """The answer, as soon as somebody listens."""
    deadline = time.monotonic() + 30
    while True:
        try:
            request = urllib.request.Request(url, headers=headers)
            with urllib.request.urlopen(request, timeout=30) as answer:
                body: bytes = answer.read()
                return body
        except urllib.error.HTTPError as error:
            error.close()
            raise
        except (ConnectionError, urllib.error.URLError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def line_about(log: Path, path: str) -> str:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for line in log.read_text().splitlines():
            if path in line:
                return line
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def test_a_request_is_logged_without_what_was_asked(address: str, log: Path) -> None:
    url = f"http://{address}/health/live?q=Ada-marker"
    assert b"live" in fetch(url, Referer="http://x/?q=Ada-marker", Authorization="Ada-marker")
    line = line_about(log, "/health/live")
    assert orjson.loads(line)["request"] == "GET /health/live"
    assert "Ada-marker" not in log.read_text()


def test_a_path_cannot_forge_a_line(address: str, log: Path) -> None:
    fetch(f"http://{address}/health/live")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(f"http://{address}/x%0D%0A{quote(FORGED)}")
    line_about(log, "forged")
    assert not any(line.startswith(FORGED) for line in log.read_text().splitlines())


def test_no_header_names_a_product(address: str, log: Path) -> None:
    url = f"http://{address}/health/live"
    fetch(url)
    with urllib.request.urlopen(url, timeout=30) as answer:
        heads = [answer.headers]
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetch(f"http://{address}/nowhere")
    heads.append(refused.value.headers)
    for head in heads:
        assert head["Server"] == "cockpit"
        assert head["Cache-Control"] == "no-store"
        assert not re.search("gunicorn|django|python|whitenoise", str(head), re.IGNORECASE)
