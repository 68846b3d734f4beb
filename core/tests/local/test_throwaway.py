"""Servers that last as long as a run of the tests, and the directories they live in."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.local import throwaway
from core.local.throwaway import remove_abandoned, temporary_directory


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(throwaway, "MEMORY", tmp_path)
    monkeypatch.setattr(throwaway, "ENOUGH_MEMORY", 1)
    return tmp_path


@pytest.mark.skipif("sys.platform != 'linux'")
def test_it_lies_in_memory_and_goes_in_the_end(memory: Path) -> None:
    with temporary_directory(in_memory=True) as directory:
        assert directory.parent == memory
        assert directory.stat().st_mode & 0o777 == 0o711
    assert list(memory.iterdir()) == []


def test_without_room_or_unasked_it_lies_elsewhere(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with temporary_directory(in_memory=False) as directory:
        assert directory.parent != memory
    monkeypatch.setattr(throwaway, "ENOUGH_MEMORY", 2**70)
    with temporary_directory(in_memory=True) as directory:
        assert directory.parent != memory


def test_what_a_killed_process_left_goes_and_what_lives_stays(memory: Path) -> None:
    for name in ("cockpit-test-dead", "cockpit-test-without", "other"):
        (memory / name).mkdir()
    (memory / "cockpit-test-dead" / "lock").write_text("4711")
    with temporary_directory(in_memory=True) as living:
        remove_abandoned(memory)
        assert {path.name for path in memory.iterdir()} == {
            living.name,
            "cockpit-test-without",
            "other",
        }
