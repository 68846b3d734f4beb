"""Where the server of a run of the tests has its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.local import throwaway
from core.local.throwaway import memory_directory


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(throwaway, "MEMORY", tmp_path)
    monkeypatch.setattr(throwaway, "ENOUGH_MEMORY", 1)
    return tmp_path


@pytest.mark.skipif("sys.platform != 'linux'")
def test_they_lie_in_memory_where_there_is_room(memory: Path) -> None:
    assert memory_directory() == memory


def test_without_room_they_lie_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throwaway, "ENOUGH_MEMORY", 2**70)
    assert memory_directory() is None


def test_without_such_a_place_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throwaway, "MEMORY", tmp_path / "missing")
    assert memory_directory() is None
