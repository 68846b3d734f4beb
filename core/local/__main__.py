"""``python -m core.local COMMAND``: what the Makefile, the gate and compose call."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.env import read_env_files
from core.local import binaries, compose, environment, roles, setup, up
from core.local.binaries import Binaries
from core.local.errors import LocalError
from core.local.lifeline import foreground
from core.local.roles import Address
from core.local.sentences import in_one_sentence
from core.local.throwaway import throwaway_server


def main() -> None:
    """Run one command; what goes wrong is one sentence and exit code 1."""
    arguments = _parser().parse_args()
    with in_one_sentence():
        sys.exit(arguments.run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.local")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "up", _up)
    _add(commands, "setup", _setup)
    _add(commands, "roles", _roles)
    secrets = _add(commands, "secrets", _secrets)
    secrets.add_argument("owner", type=Path, help="the directory for whoever migrates")
    secrets.add_argument("application", type=Path, help="the directory for the services")
    within = _add(commands, "with-database", _with_database)
    within.add_argument("command", nargs=argparse.REMAINDER, help="and its arguments")
    beside = _add(commands, "with-postgres", _with_postgres)
    beside.add_argument("programs", type=Path, help="the directory of PostgreSQL's programs")
    beside.add_argument("command", nargs=argparse.REMAINDER, help="and its arguments")
    return parser


def _add(commands: Any, name: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=run.__doc__)
    parser.set_defaults(run=run)
    return parser


def _up(_: argparse.Namespace) -> int:
    """Run everything until Ctrl-C."""
    return up.run()


def _setup(_: argparse.Namespace) -> int:
    """Migrate, load the sample data, make the first operator."""
    setup.run()
    return 0


def _roles(_: argparse.Namespace) -> int:
    """Make the two roles and the database that DATABASE_URL and DATABASE_OWNER_URL name."""
    read_env_files("cockpit")
    url = os.environ.get("DATABASE_SUPERUSER_URL", "")
    if not url:
        raise LocalError("DATABASE_SUPERUSER_URL is not set: it is how the roles can be made.")
    names = ("DATABASE_OWNER_URL", "DATABASE_URL")
    roles.ensure(url, *(Address.of(name, os.environ.get(name, "")) for name in names))
    return 0


def _secrets(arguments: argparse.Namespace) -> int:
    """Generate what a compose project must keep secret, once."""
    compose.write_secrets(arguments.owner, arguments.application)
    return 0


def _with_database(arguments: argparse.Namespace) -> int:
    """Run a command that finds the database and PostgreSQL's programs in its environment.

    Both addresses are set, those that somebody named or those of this checkout's own server. The
    programs come first on the PATH: a dump is read by none that is older than what wrote it.
    """
    read_env_files("cockpit")
    environment.prepare(os.environ)
    # A database elsewhere may be used without any of them here.
    with suppress(LocalError):
        programs = binaries.find().directory
        os.environ["PATH"] = os.pathsep.join((str(programs), os.environ.get("PATH", "")))
    return _call(arguments.command)


def _with_postgres(arguments: argparse.Namespace) -> int:
    """Run a command beside a throw-away server that TEST_DATABASE_OWNER_URL names."""
    with throwaway_server(Binaries.at(arguments.programs), in_memory=True) as server:
        environ = {**os.environ, "TEST_DATABASE_OWNER_URL": server.url("postgres")}
        return _call(arguments.command, environ)


def _call(command: list[str], environ: dict[str, str] | None = None) -> int:
    if not command:
        raise LocalError("Say which command to run.")
    try:
        return foreground(command, environ)
    except OSError as error:
        raise LocalError(f"{command[0]} cannot be run: {error.strerror}.") from error


if __name__ == "__main__":
    main()
