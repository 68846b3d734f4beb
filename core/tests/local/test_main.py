"""The commands of ``python -m core.local`` that compose and the gate call."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from core.local import binaries
from core.local.home import ROOT
from core.tests.databases import Run
from core.tests.local.helpers import PATIENCE, alive, eventually, postmaster


def call(*arguments: str, **environ: str) -> tuple[int, str, str]:
    known = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "TEST_"))}
    answer = subprocess.run(
        [sys.executable, "-m", "core.local", *arguments],
        cwd=ROOT,
        env={**known, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.returncode, answer.stdout, answer.stderr


def test_roles_makes_what_the_addresses_name(database_run: Run) -> None:
    server = conninfo_to_dict(database_run.superuser_url)
    name = f"{database_run.name}_called"
    place = f"{server['host']}:{server['port']}/{name}"
    urls = {
        "DATABASE_SUPERUSER_URL": database_run.superuser_url,
        "DATABASE_OWNER_URL": f"postgres://{name}_o:one@{place}",
        "DATABASE_URL": f"postgres://{name}_a:two@{place}",
    }

    assert call("roles", **urls) == (0, "", "")

    for url in (urls["DATABASE_OWNER_URL"], urls["DATABASE_URL"]):
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    database_run.drop(name)


def test_roles_without_a_superuser() -> None:
    assert call("roles", DATABASE_SUPERUSER_URL="") == (
        1,
        "",
        "DATABASE_SUPERUSER_URL is not set: it is how the roles can be made.\n",
    )


def test_secrets_are_written(tmp_path: Path) -> None:
    owner, application = tmp_path / "owner", tmp_path / "application"
    owner.mkdir()
    application.mkdir()

    assert call("secrets", str(owner), str(application)) == (0, "", "")

    assert sorted(path.name for path in owner.iterdir()) == ["env", "superuser"]
    assert [path.name for path in application.iterdir()] == ["env"]


def test_with_postgres_runs_the_command_beside_a_server_and_ends_as_it_does() -> None:
    ask = "SELECT current_setting('server_version')"
    script = (
        "import os, psycopg, sys;"
        "c = psycopg.connect(os.environ['TEST_DATABASE_OWNER_URL']);"
        f'print(c.execute("{ask}").fetchone()[0]);'
        "c.close(); sys.exit(7)"
    )
    programs = binaries.find()

    code, said, complaint = call(
        "with-postgres", str(programs.directory), sys.executable, "-c", script
    )

    assert (code, said, complaint) == (7, f"{programs.version}\n", "")


def test_with_postgres_where_there_is_none(tmp_path: Path) -> None:
    code, said, complaint = call("with-postgres", str(tmp_path), "true")

    assert (code, said) == (1, "")
    assert complaint.startswith(f"The PostgreSQL in {tmp_path} does not run: ")
    assert complaint.count("\n") == 1


def test_with_database_runs_the_command_on_the_local_one_with_programs_that_fit(
    home: Path,
) -> None:
    script = 'pg_dump --version && pg_dump "$DATABASE_OWNER_URL" && psql -Atc "$0" "$DATABASE_URL"'

    code, said, complaint = call(
        "with-database", "sh", "-c", script, "SELECT current_user", COCKPIT_HOME=str(home)
    )

    assert (code, complaint) == (0, "")
    assert said.startswith(f"pg_dump (PostgreSQL) {binaries.find().version}\n")
    assert "PostgreSQL database dump complete" in said
    assert said.endswith("\ncockpit_app\n")


def test_with_database_leaves_a_database_that_is_named(home: Path) -> None:
    url = "postgres://a:b@nowhere/c"

    answer = call(
        "with-database",
        "sh",
        "-c",
        'echo "$DATABASE_URL"; exit 7',
        COCKPIT_HOME=str(home),
        DATABASE_URL=url,
    )

    assert answer == (7, f"{url}\n", "")
    assert not home.exists()


def test_programs_that_fit_are_at_hand_for_a_database_that_is_named_too(home: Path) -> None:
    answer = call(
        "with-database",
        "pg_restore",
        "--version",
        COCKPIT_HOME=str(home),
        DATABASE_URL="postgres://a:b@nowhere/c",
        PATH="/usr/bin:/bin",
    )

    assert answer == (0, f"pg_restore (PostgreSQL) {binaries.find().version}\n", "")


def heed_signals() -> None:
    """Whoever runs the tests may have had them ignored, as nohup does."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_end_is_passed_on_and_nothing_is_left_behind(number: signal.Signals) -> None:
    script = 'trap "echo ended; exit 3" INT TERM HUP; echo $$; while :; do sleep 0.05; done'
    with subprocess.Popen(
        [sys.executable, "-m", "core.local", "with-database", "sh", "-c", script],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": "postgres://a:b@nowhere/c"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=heed_signals,  # noqa: PLW1509
    ) as process:
        try:
            assert process.stdout is not None
            child = int(process.stdout.readline())
            process.send_signal(number)
            assert process.communicate(timeout=PATIENCE)[0] == "ended\n"
        finally:
            process.kill()
    assert process.returncode == 3
    assert not alive(child)


def test_what_is_served_on_the_local_database_ends_with_it(home: Path) -> None:
    ask = "import os, psycopg, time; psycopg.connect(os.environ['DATABASE_URL']);"
    script = f"{ask} print(os.getpid(), flush=True); time.sleep(600)"
    with subprocess.Popen(
        [sys.executable, "-m", "core.local", "with-database", sys.executable, "-c", script],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("DATABASE_")}
        | {"COCKPIT_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=heed_signals,  # noqa: PLW1509
    ) as process:
        try:
            assert process.stdout is not None
            child = int(process.stdout.readline())
            server = postmaster(home)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 128 + signal.SIGTERM
        finally:
            process.kill()
    assert not alive(child)
    assert eventually(lambda: not alive(server))


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ((), "Say which command to run.\n"),
        (("no-such-program",), "no-such-program cannot be run: No such file or directory.\n"),
    ],
)
def test_with_database_and_a_command_that_is_none(command: tuple[str, ...], complaint: str) -> None:
    url = "postgres://a:b@nowhere/c"

    assert call("with-database", *command, DATABASE_URL=url) == (1, "", complaint)
