"""``make up``: everything a checkout needs, under one process that ends it all when it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from rich.console import Console

from core.env import read_env_files
from core.local import environment, lock, services
from core.local.database import open_own_database
from core.local.errors import LocalError
from core.local.home import ROOT, Home
from core.local.lifeline import Child
from core.local.server_log import FULL, lines_since
from core.local.services import Service

PATIENCE = 60.0
PAUSE = 0.1


@dataclass(frozen=True)
class Part:
    """A process that must not end before the others."""

    name: str
    child: Child
    log: Path
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def check(self) -> None:
        """Raise LocalError if it has ended."""
        if self.child.ended():
            full = any(FULL in line for line in lines_since(self.log, self.began))
            reason = " because the disk is full" if full else " unexpectedly"
            raise LocalError(
                f"{self.name} (process {self.child.pid}) ended{reason}, so everything was "
                f"stopped; its log is {self.log}."
            )


@dataclass
class Supervisor:
    """Starts the parts one after the other and watches them; ``stack`` stops them in reverse."""

    home: Home
    console: Console
    stack: ExitStack
    parts: list[Part] = field(default_factory=list)

    def bring_up(self) -> None:
        """Start everything. Raises LocalError with the part that failed and its log."""
        chosen = services.configured(os.environ)
        self.open_database()
        login = self.set_up()
        self.say(f"Starting {' and '.join(service.name for service in chosen)} …")
        for service in chosen:
            log = self.home.logs / f"{service.name}.log"
            self.watch(service.name, service.start(os.environ, log), log)
        log = self.home.logs / "worker.log"
        self.watch("worker", services.start_worker(os.environ, log), log)
        for part in self.parts[-len(chosen) - 1 :]:
            # All are told before one is waited for.
            self.stack.callback(part.child.tell)
        self.await_ready(chosen)
        self.announce(chosen, login)

    def open_database(self) -> None:
        """Use the server that the environment names, else start the checkout's own."""
        if environment.has_database(os.environ):
            with lock.held(self.home.lock):
                environment.use_key(self.home.secrets(), os.environ)
            self.say(
                "In the database that DATABASE_URL names: the migrations, the sample data, and a "
                "user admin if there is no operator."
            )
            return
        self.say("Starting PostgreSQL …")
        database = open_own_database(self.home)
        environment.use(database, os.environ)
        if database.server.child:
            self.watch("PostgreSQL", database.server.child, self.home.server_log)

    def set_up(self) -> dict[str, str]:
        """Migrate, load the sample data, make the operator; the credentials if they are new."""
        self.say("Migrating …")
        child = Child(
            [sys.executable, "-m", "core.local", "setup"], stdout=subprocess.PIPE, cwd=ROOT
        )
        self.stack.callback(child.stop)
        answer, _ = child.process.communicate()
        if child.process.returncode:
            raise LocalError("The database could not be set up; the reason stands above.")
        login: dict[str, str] = json.loads(answer)
        return login

    def watch(self, name: str, child: Child, log: Path) -> None:
        """From now on everything ends when ``child`` does, and it with everything."""
        self.stack.callback(child.stop)
        self.parts.append(Part(name, child, log))

    def check_parts(self) -> None:
        """Raise LocalError if a part has ended."""
        for part in self.parts:
            part.check()

    def await_ready(self, chosen: list[Service]) -> None:
        """Wait until every service says that it can serve. Raises LocalError if one does not."""
        deadline = time.monotonic() + PATIENCE
        waiting = list(chosen)
        while waiting:
            self.check_parts()
            if time.monotonic() > deadline:
                raise LocalError(
                    f"{waiting[0].name} does not become ready; its logs are in {self.home.logs}."
                )
            time.sleep(PAUSE)
            waiting = [service for service in waiting if not service.ready()]

    def announce(self, chosen: list[Service], login: dict[str, str]) -> None:
        """Say where everything is and how to log in."""
        cockpit, *apps = chosen
        self.say(f"\nCockpit and admin   {cockpit.url}/")
        for app in apps:
            self.say(f"{app.title:<19} {app.url}/api/v1 (docs: {app.url}/docs)")
        if login:
            self.say(f"\nUser                {login['username']}")
            self.say(f"Password            {login['password']}")
            if "token" in login:
                self.say(f"API token           {login['token']}")
            self.say("They are shown this once. Later:")
            self.home.forget_login()
        else:
            self.say("\nUser admin, with the password shown at the first run. For new ones:")
        self.say("  .venv/bin/python manage.py changepassword admin")
        self.say("  .venv/bin/python manage.py create_token admin --role admin")
        self.say("\nCtrl-C stops everything.")

    def say(self, text: str) -> None:
        """A line for whoever started this."""
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)


def run() -> int:
    """Run everything until Ctrl-C or a signal to end. Raises LocalError with what went wrong."""
    _end_on_signals()
    try:
        read_env_files("cockpit")
        home = Home.of(os.environ).open()
        with lock.held_or_holder(home.up_lock) as holder:
            if holder:
                raise LocalError(f"make up is running here already ({holder}).")
            _supervise(home)
    except KeyboardInterrupt:
        Console().print("\nStopped.")
    return 0


def _supervise(home: Home) -> None:
    with ExitStack() as stack:
        supervisor = Supervisor(home, Console(), stack)
        supervisor.bring_up()
        while True:
            supervisor.check_parts()
            time.sleep(PAUSE)


def _end_on_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    # Once is enough: a second one must not interrupt the stopping.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    raise KeyboardInterrupt
