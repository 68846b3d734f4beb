"""Settings of the local PostgreSQL by the memory of the machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.local import server
from core.local.server import MB, fitted, machine_memory

GB = 1024 * MB


@pytest.mark.parametrize(
    ("memory", "buffers", "maintenance"),
    [
        (512 * MB, "128MB", "64MB"),
        (8 * GB, "1024MB", "256MB"),
        (16 * GB, "2048MB", "512MB"),
        (256 * GB, "2048MB", "512MB"),
    ],
)
def test_an_eighth_is_for_buffers_within_limits(
    memory: int, buffers: str, maintenance: str
) -> None:
    settings = fitted(memory)
    assert (settings["shared_buffers"], settings["maintenance_work_mem"]) == (buffers, maintenance)
    assert (settings["max_wal_size"], settings["checkpoint_timeout"]) == ("4GB", "15min")


@pytest.mark.parametrize("limit", ["max\n", None])
def test_the_memory_is_that_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str | None
) -> None:
    monkeypatch.setattr(server, "CGROUP_LIMIT", tmp_path / "memory.max")
    if limit is not None:
        (tmp_path / "memory.max").write_text(limit)
    assert machine_memory() == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_a_container_has_no_more_than_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "memory.max").write_text(f"{128 * MB}\n")
    monkeypatch.setattr(server, "CGROUP_LIMIT", tmp_path / "memory.max")
    assert machine_memory() == 128 * MB
