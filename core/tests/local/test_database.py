"""The database of a checkout, opened by real processes."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from core.local.account import UNPRIVILEGED
from core.local.cluster import ELSEWHERE
from core.local.database import open_database
from core.local.errors import LocalError
from core.local.home import Home
from core.local.server import fitted, machine_memory
from core.tests.local.helpers import alive, eventually, open_home, postmaster, started

pytestmark = pytest.mark.xdist_group("local database")

ADVICE = "set COCKPIT_HOME to a directory that can."

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Path, dict[str, str]]]:
    """A home whose server runs, for the tests that only look."""
    with open_home() as home, started(home) as starter:
        yield home, starter.environ()


def test_the_addresses_are_those_of_the_two_roles(shared: tuple[Path, dict[str, str]]) -> None:
    app, owner = shared[1]["DATABASE_URL"], shared[1]["DATABASE_OWNER_URL"]

    assert ask(app, "SELECT current_user::text") == "cockpit_app"
    assert ask(owner, "SELECT current_user::text") == "cockpit_owner"
    assert ask(app, "SELECT current_database()::text") == "cockpit"
    assert ask(owner, "SELECT current_database()::text") == "cockpit"


def test_its_server_is_fitted_to_the_machine(shared: tuple[Path, dict[str, str]]) -> None:
    wanted = fitted(machine_memory())["shared_buffers"]
    setting = "SELECT setting::bigint * 8 / 1024 FROM pg_settings WHERE name = 'shared_buffers'"

    assert ask(shared[1]["DATABASE_URL"], setting) == int(wanted.removesuffix("MB"))
    assert ask(shared[1]["DATABASE_URL"], "SHOW max_wal_size") == "4GB"


def test_the_database_is_the_owners_and_in_utf8(shared: tuple[Path, dict[str, str]]) -> None:
    mine = "FROM pg_database WHERE datname = current_database()"

    assert ask(shared[1]["DATABASE_URL"], f"SELECT pg_encoding_to_char(encoding) {mine}") == "UTF8"
    assert ask(shared[1]["DATABASE_URL"], f"SELECT datcollate {mine}") == "C.UTF-8"
    assert ask(shared[1]["DATABASE_URL"], f"SELECT pg_get_userbyid(datdba)::text {mine}") == (
        "cockpit_owner"
    )


def test_the_owner_may_make_databases_and_neither_is_a_superuser(
    shared: tuple[Path, dict[str, str]],
) -> None:
    rights = "SELECT (rolsuper, rolcreatedb)::text FROM pg_roles WHERE rolname = current_user"

    assert ask(shared[1]["DATABASE_OWNER_URL"], rights) == "(f,t)"
    assert ask(shared[1]["DATABASE_URL"], rights) == "(f,f)"


def test_a_settled_read_can_see_what_it_must(shared: tuple[Path, dict[str, str]]) -> None:
    url = shared[1]["DATABASE_URL"]

    assert ask(url, "SELECT pg_has_role('pg_read_all_stats', 'member')") is True
    assert ask(url, "SHOW max_prepared_transactions") == "0"
    assert ask(url, "SHOW track_activities") == "on"


def test_it_listens_on_this_machine_alone(shared: tuple[Path, dict[str, str]]) -> None:
    arguments = Path(f"/proc/{postmaster(shared[0])}/cmdline").read_text().split("\0")

    assert ask(shared[1]["DATABASE_URL"], "SHOW listen_addresses") == "127.0.0.1"
    assert "unix_socket_directories=" in arguments


def test_no_password_opens_nothing(shared: tuple[Path, dict[str, str]]) -> None:
    user, _, rest = shared[1]["DATABASE_URL"].rpartition("@")[0].rpartition(":")
    url = f"{user}:wrong@{shared[1]['DATABASE_URL'].rpartition('@')[2]}"

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)
    assert rest


def test_the_owner_may_make_the_extensions_and_trigrams_know_every_script(
    shared: tuple[Path, dict[str, str]],
) -> None:
    with psycopg.connect(shared[1]["DATABASE_OWNER_URL"]) as connection:
        connection.execute("CREATE EXTENSION btree_gist")
        connection.execute("CREATE EXTENSION pg_trgm")
        row = connection.execute(
            "SELECT 'ŻÓŁĆ' ILIKE 'żółć', cardinality(show_trgm('Łódź'))"
        ).fetchone()

    assert row == (True, 5)


def test_secrets_are_for_their_owner_alone(shared: tuple[Path, dict[str, str]]) -> None:
    home, environ = shared
    password = environ["DATABASE_URL"].split(":")[2].partition("@")[0]

    assert stat.S_IMODE((home / "secrets" / "secrets.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "logs").stat().st_mode) == 0o700
    assert len(environ["SECRET_KEY"]) >= 50
    assert password not in Path(f"/proc/{postmaster(home)}/cmdline").read_text()


@as_root
def test_root_lets_an_unprivileged_user_run_it_and_own_the_files(
    shared: tuple[Path, dict[str, str]],
) -> None:
    nobody = pwd.getpwnam(UNPRIVILEGED).pw_uid
    data = shared[0] / "postgres" / "data"

    assert Path(f"/proc/{postmaster(shared[0])}").stat().st_uid == nobody
    assert (data.stat().st_uid, stat.S_IMODE(data.stat().st_mode)) == (nobody, 0o700)
    assert (shared[0] / "secrets" / "secrets.json").stat().st_uid == 0


@as_root
def test_an_ordinary_user_runs_it_as_themselves(home: Path) -> None:
    home.parent.chmod(0o777)
    with started(home, UNPRIVILEGED) as starter:
        url = starter.environ()["DATABASE_URL"]
        nobody = pwd.getpwnam(UNPRIVILEGED).pw_uid

        assert ask(url, "SELECT current_user::text") == "cockpit_app"
        assert Path(f"/proc/{postmaster(home)}").stat().st_uid == nobody
        assert (home / "secrets" / "secrets.json").stat().st_uid == nobody
        assert starter.end() == (0, "")


def test_the_second_start_finds_what_the_first_one_left(home: Path) -> None:
    with started(home) as first:
        with psycopg.connect(first.environ()["DATABASE_OWNER_URL"]) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        server = postmaster(home)
        assert first.end() == (0, "")
        assert not alive(server)

    with started(home) as second:
        url = second.environ()["DATABASE_OWNER_URL"]
        assert ask(url, "SELECT answer FROM kept") == 42


@as_root
def test_where_that_user_cannot_enter_the_files_are_elsewhere(home: Path) -> None:
    home.parent.chmod(0o700)
    try:
        with started(home) as starter:
            url = starter.environ()["DATABASE_URL"]

            assert (home / "postgres").is_symlink()
            assert ask(url, "SELECT 1") == 1
            assert (home / "postgres").resolve().parent == ELSEWHERE
            assert stat.S_IMODE(home.parent.stat().st_mode) == 0o700
            assert starter.end() == (0, "")
    finally:
        shutil.rmtree((home / "postgres").resolve())


@as_root
def test_what_root_made_is_not_for_others(home: Path) -> None:
    with started(home) as starter:
        starter.environ()
        starter.end()

    with started(home, UNPRIVILEGED) as stranger:
        assert stranger.end() == (
            1,
            f"{home} cannot be written (Permission denied): {ADVICE}\n",
        )


def test_files_of_another_user_are_named_as_such(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "postgres").mkdir(parents=True)
    made_by = pwd.getpwuid(os.geteuid()).pw_name
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)

    with pytest.raises(LocalError) as caught:
        open_database(Home(home))

    assert str(caught.value) == (
        f"The database files in {home / 'postgres'} belong to {made_by}, not to 4000000, whom "
        "PostgreSQL would run as: run as the user who made them, or set COCKPIT_HOME to another "
        "directory."
    )


def test_of_two_starters_at_once_one_runs_the_server_and_the_other_uses_it(home: Path) -> None:
    with started(home) as one, started(home) as other:
        assert one.environ() == other.environ()
        pid = postmaster(home)
        assert alive(pid)
        parents = {one.process.pid, other.process.pid}
        assert int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) in parents


def test_a_killed_starter_leaves_no_server_behind(home: Path) -> None:
    with started(home) as starter:
        starter.environ()
        pid = postmaster(home)
        starter.kill()

        assert eventually(lambda: not alive(pid))


def test_a_start_right_after_a_kill_waits_for_the_server_to_go(home: Path) -> None:
    with started(home) as killed:
        killed.environ()
        os.kill(postmaster(home), signal.SIGSTOP)
        killed.kill()
        with started(home) as next_one:
            assert next_one.process.poll() is None
            os.kill(postmaster(home), signal.SIGCONT)

            assert ask(next_one.environ()["DATABASE_URL"], "SELECT 1") == 1


def test_a_killed_postmaster_is_replaced_and_nothing_committed_is_lost(home: Path) -> None:
    with started(home) as first:
        url = first.environ()["DATABASE_OWNER_URL"]
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(postmaster(home), signal.SIGKILL)

        with started(home) as second:
            url = second.environ()["DATABASE_OWNER_URL"]
            assert ask(url, "SELECT answer FROM kept") == 42


def test_files_of_another_major_version(home: Path) -> None:
    with started(home) as starter:
        starter.environ()
        starter.end()
    (home / "postgres" / "data" / "PG_VERSION").write_text("12\n")

    with started(home) as later:
        code, complaint = later.end()

    assert code == 1
    assert complaint.startswith(
        f"The database files in {home / 'postgres' / 'data'} were made by PostgreSQL 12, and this "
        "is PostgreSQL 18."
    )
    assert complaint.endswith(
        ": move them away to begin anew, or set COCKPIT_HOME to another directory.\n"
    )


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    home = tmp_path / "file" / "home"

    with started(home) as starter:
        assert starter.end() == (
            1,
            f"{home} cannot be written (Not a directory): {ADVICE}\n",
        )


def test_lost_secrets(home: Path) -> None:
    with started(home) as starter:
        starter.environ()
        starter.end()
    secrets = home / "secrets" / "secrets.json"
    secrets.unlink()

    with started(home) as later:
        code, complaint = later.end()

    assert code == 1
    assert complaint == (
        f"{secrets} is gone, and without it nobody can log in to the database in "
        f"{home / 'postgres'}: bring it back, or move that directory away to begin anew.\n"
    )


def test_a_server_that_does_not_start_says_why(home: Path) -> None:
    with started(home) as starter:
        starter.environ()
        starter.end()
    (home / "postgres" / "data" / "postgresql.conf").write_text("shared_buffers = 'plenty'\n")

    with started(home) as later:
        code, complaint = later.end()

    assert code == 1
    assert complaint.startswith("PostgreSQL did not start: ")
    assert 'invalid value for parameter "shared_buffers": "plenty"' in complaint or (
        "configuration file" in complaint
    )
    assert complaint.endswith(f" Its log is {home / 'logs' / 'postgres.log'}.\n")


def test_two_homes_side_by_side(home: Path) -> None:
    with started(home) as one, started(home.with_name("other")) as other:
        assert one.environ()["DATABASE_URL"] != other.environ()["DATABASE_URL"]
