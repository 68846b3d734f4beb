"""The benchmark itself, at a size at which it measures nothing but whether it works."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from benchmarks.__main__ import find_benchmarks, measure
from benchmarks.bench import Bench
from core.tests.databases import started_run


@pytest.mark.slow
def test_every_row_of_the_writes(
    tmp_path: Path, django_db_blocker: DjangoDbBlocker, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rows themselves compare what both sides wrote."""
    find_benchmarks()
    results = tmp_path / "results.json"

    with django_db_blocker.unblock(), ExitStack() as stack:
        run = stack.enter_context(started_run(os.environ))
        rows = measure(Bench(run, 40, 2, stack), ["benchmarks.writes"], results)

    written = json.loads(results.read_text())
    assert written["n"] == 40
    assert [one["name"] for one in written["rows"]] == [row.name for row in rows]
    assert {len(side) for row in rows for side in (row.floor, row.ours)} == {2}
    assert "a day with 5 % changed" in capsys.readouterr().out
