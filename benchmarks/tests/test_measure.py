"""The benchmark itself, at a size at which it measures nothing but whether it works."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from pathlib import Path
from shutil import which

import pytest
from pytest_django.plugin import DjangoDbBlocker

from benchmarks.__main__ import find_benchmarks, measure
from benchmarks.bench import Bench
from benchmarks.rows import Benchmark, LeftOut, Row, chosen
from benchmarks.writes.memory import SIZES
from core.tests.databases import Run, started_run

DIFF = "GET /diff over 10 days, all pages"


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
    timed = [row for row in rows if row.unit == "s"]
    assert {len(side) for row in timed for side in (row.floor, row.ours)} == {2}
    assert {len(row.ours) for row in rows if row not in timed} == {len(SIZES)}
    assert "a day with 5 % changed" in capsys.readouterr().out


@pytest.mark.slow
def test_every_row_of_the_reads(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> None:
    """Floors and calls are compared before they are timed, and so are the steps of the diff."""
    find_benchmarks()

    with django_db_blocker.unblock(), ExitStack() as stack:
        run = stack.enter_context(started_run(os.environ))
        rows = measure(Bench(run, 400, 1, stack), ["benchmarks.http"], tmp_path / "results.json")

    expected = [known.name for known in chosen(["benchmarks.http"])] if which("wrk") else [DIFF]
    assert [row.name for row in rows] == expected
    assert all(row.floor and row.ours for row in rows)


def test_what_cannot_be_measured_is_said_and_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lacks(bench: Bench, row: Row) -> None:
        raise LeftOut("It needs a thing.")

    monkeypatch.setattr("benchmarks.rows.REGISTERED", [Benchmark("a row", 1.5, "s", lacks)])
    monkeypatch.setattr("benchmarks.report.machine", lambda _: "a machine")

    with ExitStack() as stack:
        rows = measure(Bench(Run("", "", ""), 1, 1, stack), [], tmp_path / "results.json")

    assert rows == []
    assert "a row is left out. It needs a thing." in capsys.readouterr().err
