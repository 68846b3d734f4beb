"""Rejects, kept and said."""

import json
from pathlib import Path

import pytest

from core.ingest.json_lines import Unwritable
from core.ingest.rejects import SHOWN, Rejects
from core.ingest.rows import Reject

BAD = Reject(7, 'a,"b"', "It is bad.")


def test_a_file_takes_all_of_them_and_nothing_is_said(tmp_path: Path) -> None:
    path, said = tmp_path / "rejects", list[str]()
    with Rejects(str(path), said.append) as rejects:
        rejects.add(BAD)
        rejects.add(BAD)

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines == [{"line": 7, "row": 'a,"b"', "reason": "It is bad."}] * 2
    assert (rejects.count, said) == (2, [])


def test_what_an_earlier_run_left_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "rejects"
    path.write_text("old")

    with Rejects(str(path), print):
        pass

    assert path.read_text() == ""


def test_without_a_file_the_first_are_said() -> None:
    said = list[str]()
    with Rejects(None, said.append) as rejects:
        for _ in range(SHOWN + 5):
            rejects.add(BAD)

    assert said == ["line 7: It is bad."] * SHOWN
    assert rejects.count == SHOWN + 5


def test_a_disk_that_is_full() -> None:
    with (
        pytest.raises(Unwritable, match="/dev/full cannot be written: No space left"),
        Rejects("/dev/full", print) as rejects,
    ):
        rejects.add(BAD)
