"""Things that a load ends or corrects are named: on a terminal, in a file, and by the brake."""

from __future__ import annotations

from typing import Any

import pytest

from entities import services
from entities.naming import entity_uuid
from entities.tests.conftest import ADA, day
from entities.tests.feed import SOURCE, Feed, latest_batch, read_jsonl

HEADER = "source_id,entity_type,display_name,detail:NOTE,detail:EMAIL"
FULL = (*SOURCE, "--effective", "2021-01-01", "--mode", "full")


def csv(*rows: str, header: str = HEADER) -> str:
    return "\n".join((header, *rows)) + "\n"


@pytest.fixture
def three(feed: Feed) -> Feed:
    """A register of three entities with two details each, one of them a person."""
    rows = ("A,BANK,Alpha,one,a@b", "B,BANK,Beta,two,b@b", "C,PERSON,Gamma,three,c@b")
    feed.load(csv(*rows), "--effective", "2020-01-01")
    return feed


def said(what: str, source_id: str, start: str, **more: Any) -> dict[str, Any]:
    names = {"A": ("BANK", "Alpha"), "B": ("BANK", "Beta"), "C": ("PERSON", "Gamma")}
    entity_type, name = names[source_id]
    thing = {
        "what": what,
        "uuid": str(entity_uuid("feed", source_id)),
        "source": "feed",
        "source_id": source_id,
        "entity_type": entity_type,
        "display_name": name,
        "detail_code": None,
        "from": start,
        "line": None,
    }
    return thing | more


def report(feed: Feed, content: str, *options: str, code: int = 0) -> list[dict[str, Any]]:
    """What a load reports, after a dry run has reported the same."""
    path, found = feed.write("feed.csv", content), feed.path("report.jsonl")
    reports = []
    for more in (["--dry-run"], []):
        answer = feed.run(path, *options, "--json", "--report", str(found), *more)
        assert answer.code == code, answer
        reports.append(read_jsonl(found))
        counts = dict.fromkeys(("ended", "corrected", "overtaken"), 0)
        for one in reports[-1]:
            if one["what"] in counts:
                counts[one["what"]] += 1
        assert answer.json["affected"] == latest_batch().affected == counts
    assert reports[0] == reports[1]
    return reports[1]


def test_what_a_full_file_lacks_and_a_row_does_not_say(three: Feed) -> None:
    content = csv("A,BANK,Alpha,one,a@b", "C,PERSON,Gamma,three,")

    found = report(three, content, *FULL, "--max-ended", "100%")

    start = "2021-01-01T00:00:00Z"
    assert found == [
        said("ended", "B", start),
        said("ended", "C", start, detail_code="EMAIL", line=3),
    ]


def test_what_a_delta_ends_and_corrects(three: Feed) -> None:
    header = f"op,{HEADER},valid_from"
    rows = (
        ",A,BANK,Aleph,one,a@b,2020-06-01",
        r",B,BANK,Beta,\N,b@b,2020-07-01",
        "end,C,,,,,2020-08-01",
    )

    found = report(three, csv(*rows, header=header), *SOURCE)

    assert found == [
        said("corrected", "A", "2020-06-01T00:00:00Z", line=2),
        said("ended", "C", "2020-08-01T00:00:00Z", line=4),
        said("ended", "B", "2020-07-01T00:00:00Z", detail_code="NOTE", line=3),
    ]


def test_what_changes_from_the_effective_day_on_corrects_nothing(three: Feed) -> None:
    rows = csv("A,BANK,Aleph,uno,a@b", "B,BANK,Beth,,")

    assert report(three, rows, *SOURCE, "--effective", "2021-01-01") == []


def test_each_row_of_an_entity_is_named_for_what_it_says(three: Feed) -> None:
    header = f"{HEADER},valid_from"
    rows = ("A,BANK,Alpha,uno,a@b,2020-03-01", "A,BANK,Alpha,due,a@b,2020-05-01")

    found = report(three, csv(*rows, header=header), *SOURCE, "--effective", "2021-01-01")

    start = "2020-03-01T00:00:00Z"
    assert found == [said("corrected", "A", start, detail_code="NOTE", line=2)]


def test_what_a_later_change_keeps_from_holding(three: Feed) -> None:
    """Also where nothing at all is written."""
    header = f"{HEADER},valid_from"
    late = csv("A,BANK,Aleph,one,uno@b,2019-01-01", header=header)
    path = three.write("late.csv", late)
    assert three.run(path, *SOURCE).code == 0

    found = report(three, late, *SOURCE)

    start = "2020-01-01T00:00:00Z"
    assert found == [
        said("overtaken", "A", start, line=2),
        said("overtaken", "A", start, detail_code="EMAIL", line=2),
    ]
    answer = three.run(path, *SOURCE)
    assert answer.out.splitlines()[-3:] == [
        "Overtaken: 2",
        "  feed, A, BANK, Alpha: from 2020-01-01T00:00:00Z, line 2",
        "  feed, A, BANK, Alpha, EMAIL: from 2020-01-01T00:00:00Z, line 2",
    ]


def test_the_brake_names_what_would_end(three: Feed) -> None:
    content = csv("A,BANK,Alpha,one,", "B,BANK,Beta,two,")

    found = report(three, content, *FULL, code=4)

    start = "2021-01-01T00:00:00Z"
    assert found == [
        said("ended", "C", start),
        said("ended", "A", start, detail_code="EMAIL", line=2),
        said("ended", "B", start, detail_code="EMAIL", line=3),
    ]
    answer = three.run(three.path("feed.csv"), *FULL)
    assert answer.out.splitlines()[1:] == [
        "Ended: 3",
        "  feed, C, PERSON, Gamma: from 2021-01-01T00:00:00Z",
        "  feed, A, BANK, Alpha, EMAIL: from 2021-01-01T00:00:00Z, line 2",
        "  feed, B, BANK, Beta, EMAIL: from 2021-01-01T00:00:00Z, line 3",
    ]


def test_ends_that_are_held_back_are_named_and_stay_named_after_the_load(three: Feed) -> None:
    content = csv("A,BANK,Alpha,uno,a@b", "C,end", "TOTAL 1").replace(
        "C,end", "C,PERSON,Gamma,tre,c@b"
    )

    found = report(three, content, *FULL, code=5)

    assert found == [said("not_ended", "B", "2021-01-01T00:00:00Z")]
    answer = three.run(three.path("feed.csv"), *FULL)
    assert answer.out.splitlines()[-2:] == [
        "Missing in the file and not ended: 1",
        "  feed, B, BANK, Beta: from 2021-01-01T00:00:00Z",
    ]


def test_names_that_are_personal_data_are_left_out(three: Feed) -> None:
    services.entity_type_update(code="PERSON", changes={"is_pii_name": True}, context=ADA)
    content = csv("A,BANK,Alpha,one,a@b", "B,BANK,Beta,two,b@b")

    found = report(three, content, *FULL, "--max-ended", "1")

    assert found == [said("ended", "C", "2021-01-01T00:00:00Z", display_name=None)]


def test_a_terminal_shows_the_first_and_says_how_many_there_are(feed: Feed) -> None:
    rows = [f"E{n:02},BANK,Bank {n}" for n in range(30)]
    header = "source_id,entity_type,display_name"
    feed.load(csv(*rows, header=header), "--effective", "2020-01-01")
    path = feed.write("feed.csv", csv(*rows[25:], header=header))

    answer = feed.run(path, *FULL, "--max-ended", "25", "--dry-run")

    lines = answer.out.splitlines()
    start = lines.index("Ended: 25, the first 20")
    assert lines[start + 1 :] == [
        f"  feed, E{n:02}, BANK, Bank {n}: from 2021-01-01T00:00:00Z" for n in range(20)
    ]


def test_one_without_a_source_is_named_by_its_uuid(feed: Feed) -> None:
    written = services.entity_create(
        entity_type="BANK", display_name="Alpha", valid_from=day(2020), context=ADA
    )
    path = feed.write("feed.csv", f"uuid,op,valid_from\n{written.uuid},end,2020-05-01\n")
    found = feed.path("report.jsonl")

    assert feed.run(path, "--report", str(found)).code == 0

    assert read_jsonl(found) == [
        said("ended", "A", "2020-05-01T00:00:00Z", line=2)
        | {"uuid": str(written.uuid), "source": None, "source_id": None}
    ]


def test_a_report_is_a_file_of_its_own(feed: Feed) -> None:
    path = feed.write("feed.csv", csv("A,BANK,Alpha,,"))

    for options, sentence in (
        (["--report", str(path)], "--report names the file that is to be loaded."),
        (
            ["--report", str(feed.path("x")), "--rejects", str(feed.path("x"))],
            "--rejects and --report name one file; give each its own.",
        ),
    ):
        answer = feed.run(path, *SOURCE, *options)
        assert (answer.code, answer.err) == (1, sentence)
    answer = feed.run(path, *SOURCE, "--report", str(feed.path("missing/report")))
    assert answer.code == 1
    assert answer.err.endswith("missing/report cannot be written: No such file or directory.")
