"""The commands that people and the gate type are there and say what they do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from core.local.home import ROOT

COMMANDS = [
    *(
        "up",
        "env",
        "test",
        "test-more",
        "test-all",
        "check",
        "bench",
        "bench-peers",
        "audit",
        "lock",
        "clean",
    ),
]


def make(*arguments: str, cwd: Path = ROOT) -> str:
    return subprocess.run(
        ["make", *arguments],
        cwd=cwd,
        env={k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_every_command(command: str) -> None:
    assert re.search(rf"^  make {command} +\w+", make(), re.MULTILINE)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the environment is made from, and an interpreter as if one had been made."""
    for file in (ROOT / "Makefile", *ROOT.glob("requirements*.lock")):
        shutil.copy(file, tmp_path)
    stamps = tmp_path / ".venv" / "stamps"
    stamps.mkdir(parents=True)
    (tmp_path / ".venv" / "bin").mkdir()
    (tmp_path / ".venv" / "bin" / "python").touch()
    return tmp_path


def would_install(checkout: Path, target: str) -> bool:
    return "pip" in make("--dry-run", target, cwd=checkout)


def stamp(checkout: Path, target: str) -> None:
    """Do what an install does at its end."""
    for line in make("--dry-run", target, cwd=checkout).splitlines():
        if ".venv/stamps && touch" in line:
            subprocess.run(["sh", "-c", line], cwd=checkout, check=True)


def test_the_environment_is_made_once(checkout: Path) -> None:
    assert would_install(checkout, "test")

    stamp(checkout, "test")

    assert not would_install(checkout, "test")
    assert not would_install(checkout, "up")
    assert would_install(checkout, "test-more")


def test_another_lock_makes_it_anew(checkout: Path) -> None:
    stamp(checkout, "test")
    with (checkout / "requirements.lock").open("a") as file:
        file.write("# other\n")

    assert would_install(checkout, "up")
    assert would_install(checkout, "test")


def test_what_serves_does_not_wait_for_what_tests(checkout: Path) -> None:
    stamp(checkout, "up")
    with (checkout / "requirements-dev.lock").open("a") as file:
        file.write("# other\n")

    assert not would_install(checkout, "up")
    assert would_install(checkout, "check")


def test_the_gate_runs_everything_in_order() -> None:
    gate = ROOT / ".ci" / "run"
    commands = re.findall(
        r"make (check|test-more|test-database|test)$", gate.read_text(), re.MULTILINE
    )

    assert os.access(gate, os.X_OK)
    assert commands == ["check", "test", "test-more", "test-database"]
    assert subprocess.run(["bash", "-n", gate], check=False).returncode == 0
