"""manage.py as people call it: its problems are sentences."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.local.home import ROOT

SILENT = ("DATABASE_URL", "DATABASE_OWNER_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE")


def manage(*arguments: str, **environ: str) -> tuple[int, str]:
    known = {k: v for k, v in os.environ.items() if k not in SILENT}
    answer = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**known, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.returncode, answer.stderr


def test_a_database_of_yours_needs_a_key_of_yours(tmp_path: Path) -> None:
    code, complaint = manage(
        "check", DATABASE_URL="postgres://a:b@localhost/c", COCKPIT_HOME=str(tmp_path)
    )

    assert code == 1
    assert complaint.startswith("SECRET_KEY is not set: ")
    assert complaint.count("\n") == 1


@pytest.mark.parametrize("url", ["mysql://a:b@c/d", "postgres://host"])
def test_an_address_that_is_none(tmp_path: Path, url: str) -> None:
    code, complaint = manage(
        "check", DATABASE_URL=url, SECRET_KEY="x" * 60, COCKPIT_HOME=str(tmp_path)
    )

    assert code == 1
    assert complaint.startswith("DATABASE_URL must ")
    assert complaint.count("\n") == 1


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    code, complaint = manage(
        "showmigrations",
        DATABASE_URL="postgres://a:b@127.0.0.1:1/c",
        SECRET_KEY="x" * 60,
        COCKPIT_HOME=str(tmp_path),
    )

    assert code == 1
    assert complaint.startswith("The database cannot be used: ")
    assert complaint.count("\n") == 1


def test_a_home_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    code, complaint = manage("check", COCKPIT_HOME=str(tmp_path / "file" / "home"))

    assert code == 1
    assert complaint == (
        f"{tmp_path / 'file' / 'home'} cannot be written (Not a directory): "
        "set COCKPIT_HOME to a directory that can.\n"
    )


@pytest.mark.parametrize("settings", ["cockpit.config.settings", "entities.config.settings"])
@pytest.mark.parametrize("style", ["--settings={}", "--settings {}"])
def test_the_settings_of_either_service(tmp_path: Path, settings: str, style: str) -> None:
    code, complaint = manage(
        "diffsettings",
        *style.format(settings).split(),
        DATABASE_URL="postgres://a:b@localhost/c",
        SECRET_KEY="x" * 60,
        COCKPIT_HOME=str(tmp_path),
    )

    assert (code, complaint) == (0, "")
