"""Settings of the local PostgreSQL by the memory of the machine."""

from __future__ import annotations

import pytest

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


def test_the_memory_is_that_of_this_machine() -> None:
    assert 256 * MB < machine_memory() < 2**50
