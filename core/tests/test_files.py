"""Files that commands write are their owner's alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.files import written
from core.ingest.json_lines import JsonLinesFile


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_an_export_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    with written(str(tmp_path / "export.csv")) as file:
        file.write(b"x")
    assert (mode(tmp_path / "export.csv"), (tmp_path / "export.csv").read_bytes()) == (0o600, b"x")


def test_rejected_rows_and_reports_are_too(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    for _ in range(2):
        with JsonLinesFile(str(path)) as file:
            file.write({"line": 1})
    assert (mode(path), path.read_bytes()) == (0o600, b'{"line":1}\n')
