"""Whole timelines, ends that are the last day, and rows of which the last counts."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entities.models import Entity, EntityDetail
from entities.naming import entity_uuid
from entities.tests.conftest import day
from entities.tests.feed import Feed

HEADER = "source_id,op,entity_type,display_name,valid_from,valid_to,detail:NOTE\n"
WHOLE = "--whole-timelines"

Said = tuple[str, datetime, datetime | None]


def lines(*rows: str) -> str:
    return HEADER + "".join(f"{row}\n" for row in rows)


def timeline(source_id: str = "A", code: str | None = None) -> list[tuple[str, str, str]]:
    """The live timeline of an entity, or of a detail of it, by days."""
    uuid = entity_uuid("feed", source_id)
    if code is None:
        rows = Entity.objects.live().filter(uuid=uuid)
        found = rows.values_list("display_name", "valid_from", "valid_to")
    else:
        rows = EntityDetail.objects.live().filter(entity_uuid=uuid, detail_code=code)
        found = rows.values_list("value", "valid_from", "valid_to")
    return [
        (value, f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}" if end else "")
        for value, start, end in found.order_by("valid_from")
    ]


def test_a_history_table_is_what_the_register_says(feed: Feed) -> None:
    feed.load(lines("A,,BANK,Old,2019-01-01,,old", "B,,BANK,Bravo,2019-01-01,,"))
    table = lines(
        "A,,BANK,One,2020-01-01,,x",
        "A,,BANK,Two,2021-01-01,2022-01-01,x",
        "A,,BANK,Three,2023-01-01,,",
    )
    feed.load(table, WHOLE)
    assert timeline() == [
        ("One", "2020-01-01", "2021-01-01"),
        ("Two", "2021-01-01", "2022-01-01"),
        ("Three", "2023-01-01", ""),
    ]
    assert timeline(code="NOTE") == [("x", "2020-01-01", "2022-01-01")]
    assert timeline("B") == [("Bravo", "2019-01-01", "")]
    again = feed.load(table, WHOLE)
    assert (again["entities"]["unchanged"], again["details"]["unchanged"]) == (1, 1)
    assert again["entities"]["opened"] == again["details"]["opened"] == 0


def test_rows_that_end_move_and_vanish(feed: Feed) -> None:
    feed.load(lines("B,,BANK,B,2024-06-01,,"))
    feed.load(lines("B,,BANK,B,2024-06-01,2025-01-01,"), WHOLE)
    assert timeline("B") == [("B", "2024-06-01", "2025-01-01")]
    feed.load(lines("B,,BANK,B,2024-07-01,2025-01-01,"), WHOLE)
    assert timeline("B") == [("B", "2024-07-01", "2025-01-01")]
    feed.load(lines("B,end,,,2024-07-01,,"), WHOLE)
    assert timeline("B") == []


def test_an_end_of_a_row_delimits_the_one_before(feed: Feed) -> None:
    rows = [
        {"source_id": "A", "entity_type": "BANK", "display_name": "One", "valid_from": "2020-01-01",
         "details": {"NOTE": "x"}},
        {"source_id": "A", "op": "end", "valid_from": "2021-01-01"},
        {"source_id": "A", "entity_type": "BANK", "display_name": "Two", "valid_from": "2022-01-01",
         "details": {"NOTE": None}},
    ]  # fmt: skip
    feed.load("".join(json.dumps(row) + "\n" for row in rows), WHOLE, name="feed.jsonl")
    assert timeline() == [("One", "2020-01-01", "2021-01-01"), ("Two", "2022-01-01", "")]
    assert timeline(code="NOTE") == [("x", "2020-01-01", "2021-01-01")]


def test_a_thing_with_a_rejected_row_is_left_as_it_is(feed: Feed) -> None:
    left = "Another row of the same thing was rejected, so the thing is left as it is."
    feed.load(
        lines("A,,BANK,Old,2019-01-01,,", "B,,BANK,Old,2019-01-01,,", "C,,BANK,Old,2019-01-01,,")
    )
    path = feed.write(
        "feed.csv",
        lines(
            "A,,BANK,One,2020-01-01,,",
            "A,,FIRM,Two,2021-01-01,,",
            "B,,BANK,One,2020-01-01,2022-01-01,",
            "B,,BANK,Two,2021-01-01,,",
            "C,,BANK,One,2020-01-01,,",
            "C,,BANK,Two,,,",
            "D,,BANK,One,2020-01-01,,",
        ),
    )
    rejects = dict(feed.rejects(path, "--source", "feed", WHOLE))
    assert rejects.keys() == {2, 3, 4, 5, 6, 7}
    assert [rejects[line] for line in (2, 4, 6)] == [left] * 3
    assert rejects[5] == "It begins before the end of an earlier row of the same thing."
    assert rejects[7] == "valid_from: A row of a whole timeline needs its start."
    assert [timeline(name) for name in "ABC"] == [[("Old", "2019-01-01", "")]] * 3
    assert timeline("D") == [("One", "2020-01-01", "")]


def test_a_row_that_may_be_about_any_thing_keeps_everything_out(feed: Feed) -> None:
    path = feed.write("feed.csv", lines("A,,BANK,One,2020-01-01,,", "TOTAL 1"))
    answer = feed.run(path, "--source", "feed", WHOLE)
    assert answer.code == 4
    assert "Rejected rows that do not say what they are about: 1." in answer.err
    assert timeline() == []


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--mode", "full"), "load the file with one of them"),
        (("--future", "overwrite"), "--future has nothing to decide"),
    ],
)
def test_what_does_not_go_together(feed: Feed, more: tuple[str, ...], sentence: str) -> None:
    path = feed.write("feed.csv", lines("A,,BANK,One,2020-01-01,,"))
    answer = feed.run(path, "--source", "feed", WHOLE, *more)
    assert answer.code == 1
    assert sentence in answer.err


def test_an_inclusive_end_is_the_last_day(feed: Feed) -> None:
    rows = lines(
        "A,,BANK,One,2020-01-01,2020-12-31,",
        "A,,BANK,Two,2021-01-01,2021-06-30T00:00:00Z,",
        "B,,BANK,One,2020-01-01,2020-01-01,",
        "C,,BANK,One,2020-01-01,9999-12-31,",
    )
    feed.load(rows, "--inclusive-ends")
    assert timeline() == [("One", "2020-01-01", "2021-01-01"), ("Two", "2021-01-01", "2021-06-30")]
    assert timeline("B") == [("One", "2020-01-01", "2020-01-02")]
    assert timeline("C") == [("One", "2020-01-01", "")]


def test_the_last_row_with_a_start_wins(feed: Feed) -> None:
    rows = lines(
        "A,,BANK,One,2020-01-01,,x", "A,,BANK,Two,2020-01-01,,", "A,,BANK,Six,2021-01-01,,"
    )
    path = feed.write("feed.csv", rows)
    assert [line for line, _ in feed.rejects(path, "--source", "feed")] == [3]
    feed.load(rows, "--last-wins")
    assert timeline() == [("Two", "2020-01-01", "2021-01-01"), ("Six", "2021-01-01", "")]
    assert timeline(code="NOTE") == [("x", "2020-01-01", "")]
    feed.load(rows, "--last-wins", WHOLE)
    assert timeline(code="NOTE") == []


# Whatever was there before, the register says what the file says

DAYS = [day(2000 + 4 * number) for number in range(8)]


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of two things that do not overlap, in any order."""
    rows = []
    for name in ("A", "B"):
        starts = sorted(draw(st.sets(st.sampled_from(DAYS), max_size=4)))
        for position, start in enumerate(starts):
            row: dict[str, Any] = {"source_id": name, "valid_from": start.isoformat()}
            if draw(st.integers(0, 5)) == 0:
                rows.append(row | {"op": "end"})
                continue
            row |= {"entity_type": "BANK", "display_name": draw(st.sampled_from(["x", "y"]))}
            row["details"] = (
                {"NOTE": draw(st.sampled_from(["n", "m"]))} if draw(st.booleans()) else {}
            )
            if draw(st.booleans()):
                bound = starts[position + 1] if position + 1 < len(starts) else DAYS[-1]
                end = min(start + timedelta(days=draw(st.sampled_from([300, 3000]))), bound)
                if end > start:
                    row["valid_to"] = end.isoformat()
            rows.append(row)
    return draw(st.permutations(rows))


def expected(rows: list[dict[str, Any]], name: str, field: str) -> dict[datetime, Any]:
    """By instant of a fine grid, what the rows of a thing say: looked at one by one."""
    mine = sorted((r for r in rows if r["source_id"] == name), key=lambda r: r["valid_from"])
    said: dict[datetime, Any] = {}
    for at in instants():
        row = next((r for r in reversed(mine) if r["valid_from"] <= at.isoformat()), None)
        over = row is None or row.get("op") == "end" or row.get("valid_to", "9") <= at.isoformat()
        told = None if over or row is None else {**row, **row["details"]}.get(field)
        said[at] = told
    return said


def instants() -> list[datetime]:
    return [
        start + timedelta(days=more) for start in DAYS for more in (0, 299, 300, 1000, 2999, 3000)
    ]


def held(name: str, field: str) -> dict[datetime, Any]:
    uuid = entity_uuid("feed", name)
    if field == "NOTE":
        rows = (
            EntityDetail.objects.live()
            .filter(entity_uuid=uuid)
            .values_list("value", "valid_from", "valid_to")
        )
    else:
        rows = (
            Entity.objects.live()
            .filter(uuid=uuid)
            .values_list("display_name", "valid_from", "valid_to")
        )
    spans = list(rows)
    return {
        at: next((v for v, start, end in spans if start <= at and (end is None or at < end)), None)
        for at in instants()
    }


@given(before=tables(), after=tables())
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_table_after_any_other(feed: Feed, before: Any, after: Any) -> None:
    for rows in (before, after):
        if not rows:
            return
        content = "".join(json.dumps(row) + "\n" for row in rows)
        feed.load(content, WHOLE, name="feed.jsonl")
        named = {row["source_id"] for row in rows}
        for name in named:
            for field in ("display_name", "NOTE"):
                assert held(name, field) == expected(rows, name, field)
        again = feed.load(content, WHOLE, name="feed.jsonl")
        for part in ("entities", "details"):
            assert all(again[part][n] == 0 for n in ("opened", "closed", "superseded"))


# The examples of docs/ingestion.md


def test_the_example_of_events(feed: Feed) -> None:
    header = "source_id,op,entity_type,display_name,valid_from,valid_to\n"
    feed.load(
        header + "B,,BANK,Bravo,2024-01-01,\nB,end,,,2025-01-01,\n"
        "B,,BANK,Bravo,2025-03-01,\nB,end,,,2024-06-01,2024-07-01\n"
    )
    assert [row[1:] for row in timeline("B")] == [
        ("2024-01-01", "2024-06-01"),
        ("2024-07-01", "2025-01-01"),
        ("2025-03-01", ""),
    ]
    first, second = "C,,BANK,C,2021-06-03,\n", "C,,BANK,C,2025-01-07,2026-02-17\n"
    feed.load(header + first + second)
    assert timeline("C") == [("C", "2021-06-03", "")]
    for row in (second, first):
        feed.load(header + row.replace("C", "D", 1))
    assert timeline("D") == [("C", "2021-06-03", "2026-02-17")]


def test_the_example_of_snapshots(feed: Feed) -> None:
    header = "source_id,entity_type,display_name\n"
    for effective, rows in (
        ("2024-03-31", "A,BANK,Alpha\nB,BANK,Bravo\n"),
        ("2024-06-30", "A,BANK,Alpha\nC,BANK,Charlie\n"),
    ):
        feed.load(header + rows, "--mode", "full", "--max-ended", "1", "--effective", effective)
    assert timeline("A") == [("Alpha", "2024-03-31", "")]
    assert timeline("B") == [("Bravo", "2024-03-31", "2024-06-30")]
    assert timeline("C") == [("Charlie", "2024-06-30", "")]


def test_the_example_of_an_exported_history(feed: Feed) -> None:
    feed.load(
        "source_id,entity_type,display_name,valid_from,valid_to,detail:NOTE\n"
        "B,BANK,Bravo,2020-01-01,2022-12-31,X1\nB,BANK,Bravo AG,2023-01-01,,X1\n"
        "B,BANK,Bravo SE,2024-06-01,9999-12-31,\n",
        WHOLE,
        "--inclusive-ends",
    )
    assert timeline("B") == [
        ("Bravo", "2020-01-01", "2023-01-01"),
        ("Bravo AG", "2023-01-01", "2024-06-01"),
        ("Bravo SE", "2024-06-01", ""),
    ]
    assert timeline("B", "NOTE") == [("X1", "2020-01-01", "2024-06-01")]
