"""What went wrong with disk or database, as a sentence."""

from __future__ import annotations

import errno
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.core.management.base import CommandError
from django.db import OperationalError

from core.local.sentences import in_one_sentence
from core.local.server_log import lines_since, reason_in

PANIC = 'PANIC:  could not write to file "pg_wal/xlogtemp.7": No space left on device'


def end_of(error: BaseException, cause: BaseException | None = None) -> object:
    """What the process ends with: an exit code or a sentence."""
    with pytest.raises(SystemExit) as end, in_one_sentence():
        raise error from cause
    return end.value.code


def test_a_statement_that_found_no_room() -> None:
    full = psycopg.errors.DiskFull("could not extend file: No space left on device")

    assert end_of(OperationalError("could not extend file"), full) == (
        "The disk of the database is full: free space on it. "
        "It says: could not extend file: No space left on device"
    )


def test_a_file_of_ours_that_found_no_room() -> None:
    error = OSError(errno.ENOSPC, "No space left on device", "/srv/rejects.jsonl")

    assert end_of(error) == "The disk under /srv/rejects.jsonl is full: free space on it."


def test_a_server_that_died_of_a_full_disk(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_HOME", str(home))
    log = home / "logs" / "postgres.log"
    log.parent.mkdir(parents=True)
    log.write_text(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}.123 UTC [7] {PANIC}\n")

    gone = psycopg.OperationalError("the database system is in recovery mode")

    assert end_of(gone) == (
        f"The disk of the database is full: free space on it. Its log is {log}."
    )


def test_a_full_disk_of_yesterday_is_not_today_s_reason(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCKPIT_HOME", str(home))
    log = home / "logs" / "postgres.log"
    log.parent.mkdir(parents=True)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    log.write_text(f"{yesterday:%Y-%m-%d %H:%M:%S}.123 UTC [7] {PANIC}\n")

    assert end_of(psycopg.OperationalError("connection\nrefused")) == (
        "The database cannot be used: connection refused"
    )
    assert lines_since(log, yesterday) == log.read_text().splitlines()


def test_a_command_s_own_words_and_code_stay(capsys: pytest.CaptureFixture[str]) -> None:
    deadlock = OperationalError("deadlock detected")

    assert end_of(CommandError("Another writer was in the way.", returncode=4), deadlock) == 4
    assert capsys.readouterr().err == "Another writer was in the way.\n"


def test_a_defect_of_ours_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), in_one_sentence():
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (
            [f"initdb: error: {PANIC}", 'initdb: removing data directory "data.new"'],
            f"The disk is full: initdb: error: {PANIC}",
        ),
        (["LOG:  starting", "FATAL:  no", "LOG:  ended"], "FATAL:  no"),
        (["one", "two"], "two"),
        ([], "no reason given."),
    ],
)
def test_the_line_that_tells_the_reason(lines: list[str], reason: str) -> None:
    assert reason_in(lines) == reason
