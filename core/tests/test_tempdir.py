"""Directories of processes, one of which was killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.local.home import ROOT
from core.tempdir import temporary_directory

PREFIX = "cockpit-example-"
HOLD = """
from core.tempdir import temporary_directory
with temporary_directory("cockpit-example-") as folder:
    (folder / "upload").write_text("rows")
    print(folder, flush=True)
    input()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def left(place: Path) -> list[Path]:
    return list(place.glob(f"{PREFIX}*"))


def test_it_is_gone_at_the_end(place: Path) -> None:
    with temporary_directory(PREFIX) as folder:
        (folder / "upload").write_text("rows")
        assert left(place) == [folder]
    assert left(place) == []


def test_it_is_for_its_owner_alone(place: Path) -> None:
    with temporary_directory(PREFIX) as folder:
        assert folder.stat().st_mode & 0o077 == 0


def test_what_a_killed_process_left_goes_when_the_next_begins(place: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(place)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with other:
        assert other.stdout is not None
        held = Path(other.stdout.readline().strip())
        with temporary_directory(PREFIX) as folder:
            assert sorted(left(place)) == sorted([held, folder])
        other.send_signal(signal.SIGKILL)
    assert (held / "upload").exists()

    with temporary_directory(PREFIX) as folder:
        assert left(place) == [folder]


def test_what_nobody_can_tell_is_left_alone(place: Path) -> None:
    (place / f"{PREFIX}without").mkdir()
    (place / f"{PREFIX}file").touch()
    with temporary_directory(PREFIX):
        pass
    assert len(left(place)) == 2


def test_another_place_and_other_prefixes(place: Path) -> None:
    (place / "memory").mkdir()
    (place / "other-kind" / "lock").parent.mkdir()
    (place / "other-kind" / "lock").touch()
    with temporary_directory(PREFIX, place / "memory") as folder:
        assert folder.parent == place / "memory"
    assert (place / "other-kind" / "lock").exists()
