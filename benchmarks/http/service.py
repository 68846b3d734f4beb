"""The service of the benchmark: two workers of gunicorn on the register of the read rows."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from core.env import ROOT
from core.local.lifeline import Child

HOST = "127.0.0.1"
PATIENCE = 30
COMMAND = ("-m", "gunicorn", "--config=core/config/gunicorn.py", "--access-logfile=/dev/null")


class Service:
    """``token``: what to call it with; ``folder``: where its log goes, and lists of paths."""

    def __init__(self, token: str, folder: Path, environ: Mapping[str, str]) -> None:
        self.token, self.folder = token, folder
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port = int(probe.getsockname()[1])
        told = {"SECRET_KEY": "of a benchmark", "TLS": "false", "WRITES_PER_MINUTE": "1000000"}
        command = [sys.executable, *COMMAND, f"--bind={HOST}:{self.port}"]
        with (folder / "service.log").open("wb") as log:
            self.process = Child(
                [*command, "benchmarks.served.wsgi:application"],
                stdout=subprocess.DEVNULL,
                stderr=log,
                env={**environ, **told},
                cwd=ROOT,
            )
        self.client = Client(self.port, token)

    @property
    def host(self) -> str:
        return f"http://{HOST}:{self.port}"

    def wait(self) -> None:
        """Until it answers."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.client.get("/health/ready")
            except (OSError, RuntimeError):
                self.client.connection.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        self.client.connection.close()
        self.process.stop()

    def paths(self, name: str, paths: Iterable[str]) -> Path:
        """A file of paths, for wrk."""
        file = self.folder / f"{name}.paths"
        file.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
        return file


class Client:
    """One connection that stays open, and reads JSON."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection(HOST, port, timeout=60)
        self.headers = {"Authorization": f"Token {token}"}

    def get(self, path: str) -> Any:
        """The answer. Raises RuntimeError for any but a 200."""
        try:
            self.connection.request("GET", path, headers=self.headers)
            answer = self.connection.getresponse()
        except http.client.RemoteDisconnected:  # it was idle for too long
            self.connection.request("GET", path, headers=self.headers)
            answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path}: {answer.status} {body!r}")
        return orjson.loads(body)

    def following(self, path: str) -> Iterator[Any]:
        """The pages of a list, from this one on."""
        following: str | None = path
        while following is not None:
            page = self.get(following)
            yield page
            following = page["next"] and page["next"].partition(str(self.connection.port))[2]
