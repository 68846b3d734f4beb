"""What a full file lacks: counted for each code, held back where a row names nothing, and said."""

from __future__ import annotations

from typing import Any

import pytest

from core.models import BatchState
from entities.models import Entity, EntityDetail
from entities.tests.conftest import day
from entities.tests.feed import SOURCE, Feed, latest_batch, read_jsonl

HEADER = "source_id,entity_type,display_name,detail:NOTE,detail:EMAIL"
FULL = (*SOURCE, "--effective", "2021-01-01", "--mode", "full")
NUMBERS = range(10)


def csv(*rows: str, header: str = HEADER) -> str:
    return "\n".join((header, *rows)) + "\n"


@pytest.fixture
def ten(feed: Feed) -> Feed:
    """A register of ten banks with two details each."""
    rows = (f"E{n},BANK,Bank {n},note {n},{n}@example.org" for n in NUMBERS)
    feed.load(csv(*rows), "--effective", "2020-01-01")
    return feed


def values(at: Any) -> dict[str, int]:
    """How many entities have each code."""
    found = list(EntityDetail.objects.as_of(at).values_list("detail_code", flat=True))
    return {code: found.count(code) for code in sorted(set(found))}


# The brake counts each code


def test_a_column_that_the_publisher_dropped_brakes(ten: Feed) -> None:
    rows = [f"E{n},BANK,Bank {n},note {n}" for n in NUMBERS]
    header = "source_id,entity_type,display_name,detail:NOTE"
    path = ten.write("feed.csv", csv(*rows, header=header))

    for options in (["--dry-run"], []):
        answer = ten.run(path, *FULL, *options)
        assert (answer.code, answer.err) == (
            4,
            (
                "The file lacks 10 of the 10 valid values of EMAIL of its source, and --max-ended "
                "10% allows to end no more than 1. Nothing was written."
            ),
        )
    assert (latest_batch().state, latest_batch().error) == (BatchState.REFUSED, answer.err)
    assert values(day(2021)) == {"EMAIL": 10, "NOTE": 10}
    assert ten.run(path, *FULL, "--max-ended", "10").code == 0
    assert values(day(2021)) == {"NOTE": 10}


@pytest.mark.parametrize(
    ("without", "limit", "code"),
    [((3,), "10%", 0), ((3, 4), "10%", 4), ((3, 4), "2", 0), ((3, 4), "1", 4), ((3,), "0", 4)],
)
def test_the_brake_holds_above_its_share_of_the_holders(
    ten: Feed, without: tuple[int, ...], limit: str, code: int
) -> None:
    rows = (
        f"E{n},BANK,Bank {n},note {n},{'' if n in without else f'{n}@example.org'}" for n in NUMBERS
    )
    path = ten.write("feed.csv", csv(*rows))

    assert ten.run(path, *FULL, "--max-ended", limit).code == code
    assert values(day(2021))["EMAIL"] == (10 if code else 10 - len(without))


def test_what_a_row_says_itself_is_not_counted(ten: Feed) -> None:
    header = "source_id,op,entity_type,display_name,detail:NOTE,detail:EMAIL"
    rows = [rf"E{n},,BANK,Bank {n},note {n},\N" for n in NUMBERS[:9]]
    path = ten.write("feed.csv", csv(*rows, "E9,end,,,,", header=header))

    assert ten.run(path, *FULL, "--max-ended", "0").code == 0
    assert values(day(2021)) == {"NOTE": 9}


def test_only_what_is_lost_at_the_effective_instant_counts(ten: Feed) -> None:
    """A row that lacks a value for a while, and the row that brings it again."""
    header = f"{HEADER},valid_from,valid_to"
    rows = [f"E{n},BANK,Bank {n},note {n},{n}@example.org,2020-01-01," for n in NUMBERS]
    gone = [f"E{n},BANK,Bank {n},,,2020-02-01,2020-03-01" for n in NUMBERS]
    later = [f"E{n},BANK,Bank {n},,,2020-01-01," for n in NUMBERS]
    again = [f"E{n},BANK,Bank {n},note {n},{n}@example.org,2020-06-01," for n in NUMBERS]

    for content in (rows + gone, later + again):
        path = ten.write("feed.csv", csv(*content, header=header))
        brakes = ("--max-ended", "0", "--max-corrected", "100%")
        assert ten.run(path, *FULL, *brakes, "--dry-run").code == 0


def test_each_code_and_the_entities_are_said(ten: Feed) -> None:
    path = ten.write("feed.csv", csv(*(f"E{n},BANK,Bank {n},," for n in NUMBERS[2:])))

    answer = ten.run(path, *FULL, "--json")

    assert answer.code == 4
    assert answer.err == (
        "The file lacks 2 of the 10 valid things of its source, and --max-ended 10% allows to end "
        "no more than 1. "
        "The file lacks 8 of the 10 valid values of EMAIL of its source, and --max-ended 10% "
        "allows to end no more than 1. "
        "The file lacks 8 of the 10 valid values of NOTE of its source, and --max-ended 10% "
        "allows to end no more than 1. Nothing was written."
    )
    assert (answer.json["missing"], answer.json["not_ended"]) == (2, 0)


# Rows that name nothing


@pytest.mark.parametrize("line", ["", ",,,,", ",,", " , ,, ,", ",,,,,,,", '"",,,,'])
@pytest.mark.parametrize("last", [True, False])
def test_rows_of_empty_cells_are_blank_lines(ten: Feed, line: str, last: bool) -> None:
    rows = [f"E{n},BANK,Bank {n},note {n},{n}@example.org" for n in NUMBERS[1:]]
    path = ten.write("feed.csv", csv(*rows, line) if last else csv(line, *rows))

    answer = ten.run(path, *FULL, "--json")

    assert (answer.code, answer.err) == (0, "")
    found = {name: answer.json[name] for name in ("read", "rejected", "missing", "not_ended")}
    assert found == {"read": 9, "rejected": 0, "missing": 1, "not_ended": 0}
    assert Entity.objects.as_of(day(2021)).count() == 9


def test_a_trailer_holds_every_end_back_and_has_a_code_of_its_own(ten: Feed) -> None:
    rows = [f"E{n},BANK,Bank {n},note {n},{n}@example.org" for n in NUMBERS[1:]]
    path = ten.write("feed.csv", csv(*rows, "TOTAL 9"))
    rejects = ten.path("rejects.jsonl")

    for options in (["--dry-run"], []):
        answer = ten.run(path, *FULL, "--json", "--rejects", str(rejects), *options)
        assert answer.code == 5
        assert answer.err == (
            "1 of 10 rows were rejected. Nothing was ended for want of a row, though 1 of the 10 "
            "that were valid are missing in the file: 1 rejected row does not say what it is about."
        )
        assert (answer.json["missing"], answer.json["not_ended"]) == (1, 1)
        assert [one["row"] for one in read_jsonl(rejects)] == ["TOTAL 9"]
        assert (latest_batch().missing, latest_batch().not_ended) == (1, 1)
    assert Entity.objects.as_of(day(2021)).count() == 10
    assert ten.run(path, *FULL, "--strict").code == 2


def test_with_nothing_missing_a_trailer_is_a_row_that_is_rejected(ten: Feed) -> None:
    rows = [f"E{n},BANK,Bank {n},note {n},{n}@example.org" for n in NUMBERS]

    answer = ten.run(ten.write("feed.csv", csv(*rows, "TOTAL 10")), *FULL, "--json")

    assert (answer.code, answer.json["missing"], answer.json["not_ended"]) == (2, 0, 0)


def test_the_brake_holds_for_values_while_ends_are_held_back(ten: Feed) -> None:
    path = ten.write("feed.csv", csv("E1,BANK,Bank 1,,", "E2,BANK,Bank 2,,", "TOTAL 2"))

    answer = ten.run(path, *FULL)

    assert answer.code == 4
    assert "The file lacks 2 of the 10 valid values of EMAIL of its source" in answer.err
    assert "valid things" not in answer.err


def test_a_delta_lacks_nothing(feed: Feed) -> None:
    done = feed.load(csv("A,BANK,Alpha,,", ",,,,"))

    assert (done["read"], done["missing"], done["not_ended"]) == (1, 0, 0)
