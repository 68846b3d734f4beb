"""The services under gunicorn and the worker beside them, as ``make up`` runs them."""

from __future__ import annotations

import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from core.local.errors import LocalError
from core.local.home import ROOT
from core.local.lifeline import Child
from core.tether import declarations, port_variable

HOST = "127.0.0.1"
LAST_PORT = 65535
COCKPIT = ("cockpit", "cockpit", "Cockpit", 8000)
DEFAULT_APPS = "entities"


@dataclass(frozen=True)
class Service:
    """One of the project's services: its package, its names, and the port that it listens on."""

    package: str
    name: str
    title: str
    variable: str
    port: int

    @classmethod
    def of(
        cls, package: str, name: str, title: str, default_port: int, environ: Mapping[str, str]
    ) -> Service:
        """The service ``name`` on the port that ``environ`` says. Raises LocalError if none."""
        variable = port_variable(name)
        text = environ.get(variable, "").strip() or str(default_port)
        if not (text.isdecimal() and 0 < int(text) <= LAST_PORT):
            raise LocalError(f"{variable} must be a port from 1 to {LAST_PORT}, not {text!r}.")
        return cls(package, name, title, variable, int(text))

    @property
    def url(self) -> str:
        """The address for a browser, without a slash at the end."""
        return f"http://localhost:{self.port}"

    def check_port(self) -> None:
        """Raise LocalError if another program has the port."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, self.port))
            except OSError as error:
                raise LocalError(
                    f"Port {self.port}, for {self.name}, cannot be had ({error.strerror}): "
                    f"set {self.variable} to a free one."
                ) from error

    def start(self, environ: Mapping[str, str], log: Path) -> Child:
        """Start gunicorn, writing to ``log``; it ends with this process.

        It runs as the application role and never learns the owner's password.
        """
        command = ["-m", "gunicorn", "--config=core/config/gunicorn.py"]
        command += [f"--bind={HOST}:{self.port}", f"{self.package}.config.wsgi:application"]
        return start(command, environ, log)

    def ready(self) -> bool:
        """Whether it says that it can serve."""
        address = f"http://{HOST}:{self.port}/health/ready"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return bool(answer.status == HTTPStatus.OK)
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            pass
        return False


def start_worker(environ: Mapping[str, str], log: Path) -> Child:
    """Start what runs uploaded files, as a service is started."""
    return start(["manage.py", "worker", "--settings=cockpit.config.settings"], environ, log)


def start(command: list[str], environ: Mapping[str, str], log: Path) -> Child:
    known = {name: value for name, value in environ.items() if name != "DATABASE_OWNER_URL"}
    with log.open("ab") as file:
        return Child([sys.executable, *command], stdout=file, stderr=file, env=known, cwd=ROOT)


def configured(environ: Mapping[str, str]) -> list[Service]:
    """The cockpit and every tethered app, each on a free port of its own.

    Raises LocalError otherwise.
    """
    services = [
        Service.of(package, slug, title, port, environ)
        for package, slug, title, port in (COCKPIT, *tethered(environ))
    ]
    taken: dict[int, Service] = {}
    for service in services:
        other = taken.setdefault(service.port, service)
        if other is not service:
            raise LocalError(f"{other.variable} and {service.variable} are both {service.port}.")
    for service in services:
        service.check_port()
    return services


def tethered(environ: Mapping[str, str]) -> list[tuple[str, str, str, int]]:
    """Package, slug, title and port of each app. Raises LocalError for one that is none."""
    named = environ.get("TETHERED_APPS") or DEFAULT_APPS
    packages = [name.strip().partition(".apps.")[0] for name in named.split(",") if name.strip()]
    try:
        found = zip(packages, declarations(packages), strict=True)
        return [(name, app.declared_slug(), app.title, app.port) for name, app in found]
    except (ImportError, LookupError) as error:
        raise LocalError(f"TETHERED_APPS is {named!r}: {error}") from error
