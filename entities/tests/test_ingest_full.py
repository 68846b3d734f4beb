"""``--mode full``: what the file lacks is ended, within the brake."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from core.ingest.loading import Loading
from core.models import AuditEntry, BatchState, IngestBatch
from entities.models import Entity, EntityDetail
from entities.naming import entity_uuid
from entities.tests.conftest import create, day, update
from entities.tests.feed import SOURCE, Feed, did, latest_batch

HEADER = "source_id,entity_type,display_name,detail:NOTE,detail:EMAIL"
FULL = ("--mode", "full", "--max-ended", "100%", "--max-corrected", "100%")


def csv(*rows: str, header: str = HEADER) -> str:
    return "\n".join((header, *rows)) + "\n"


def names(at: Any) -> list[str]:
    """The entities of the source that are valid at an instant."""
    return sorted(Entity.objects.as_of(at).values_list("display_name", flat=True))


def notes(at: Any) -> list[str]:
    return sorted(EntityDetail.objects.as_of(at).values_list("value", flat=True))


def test_a_detail_that_a_row_lacks_is_ended(feed: Feed) -> None:
    feed.load(csv("A,BANK,Alpha,one,a@b"), "--effective", "2020-01-01")

    done = feed.load(csv("A,BANK,Alpha,one,"), "--effective", "2021-01-01", *FULL)

    assert (done["entities"], done["details"]) == (did(unchanged=1), did(closed=1, unchanged=1))
    assert notes(day(2020)) == ["a@b", "one"]
    assert notes(day(2021)) == ["one"]


def test_an_entity_that_the_file_lacks_is_ended_with_its_details(feed: Feed) -> None:
    feed.load(csv("A,BANK,Alpha,one,", "B,BANK,Beta,two,"), "--effective", "2020-01-01")

    done = feed.load(csv("A,BANK,Alpha,one,"), "--effective", "2021-01-01", *FULL)

    assert done["entities"] == did(closed=1, unchanged=1)
    assert done["details"] == did(closed=1, unchanged=1)
    assert (names(day(2020)), notes(day(2020))) == (["Alpha", "Beta"], ["one", "two"])
    assert (names(day(2021)), notes(day(2021))) == (["Alpha"], ["one"])
    assert set(
        AuditEntry.objects.filter(action="ended").values_list("valid_from", "valid_to", "batch")
    ) == {(day(2021), None, str(latest_batch().pk))}


def test_the_same_full_file_again_writes_nothing(feed: Feed) -> None:
    feed.load(csv("A,BANK,Alpha,one,a@b", "B,BANK,Beta,two,"), "--effective", "2020-01-01")
    for effective in (["--effective", "2021-01-01"], []):
        feed.load(csv("A,BANK,Alpha,,"), *effective, *FULL)
        entries = AuditEntry.objects.count()
        again = feed.load(csv("A,BANK,Alpha,,"), *effective, *FULL)
        assert again["entities"] == did(unchanged=1)
        assert AuditEntry.objects.count() == entries


def test_what_comes_back_opens_again_and_leaves_the_gap(feed: Feed) -> None:
    both, one = csv("A,BANK,Alpha,,", "B,BANK,Beta,two,"), csv("A,BANK,Alpha,,")
    for year, content in ((2020, both), (2021, one), (2022, both)):
        feed.load(content, "--effective", f"{year}-01-01", *FULL)

    uuid = entity_uuid("feed", "B")
    assert list(Entity.objects.timeline(uuid=uuid).values_list("valid_from", "valid_to")) == [
        (day(2020), day(2021)),
        (day(2022), None),
    ]
    assert list(
        EntityDetail.objects.timeline(entity_uuid=uuid).values_list("valid_from", "valid_to")
    ) == [(day(2020), day(2021)), (day(2022), None)]


def test_other_sources_and_what_has_none_are_left_alone(feed: Feed) -> None:
    create("By hand")
    create("Other", source="other", source_id="A")
    feed.load(csv("A,BANK,Alpha,,"), "--effective", "2020-01-01")

    feed.load(csv("B,BANK,Beta,,"), "--effective", "2021-01-01", *FULL)

    assert names(day(2021)) == ["Beta", "By hand", "Other"]


def test_what_is_valid_only_later_or_earlier_is_not_missing(feed: Feed) -> None:
    header = "source_id,entity_type,display_name,valid_from,valid_to"
    rows = ("A,BANK,Past,2000-01-01,2010-01-01", "B,BANK,Later,2030-01-01,")
    feed.load(csv(*rows, header=header))

    done = feed.load(csv("C,BANK,Now,,"), "--effective", "2020-01-01", *FULL)

    assert done["entities"] == did(opened=1)
    assert (names(day(2005)), names(day(2031))) == (["Past"], ["Later", "Now"])


def test_an_entity_is_named_by_any_row_whatever_its_period(feed: Feed) -> None:
    feed.load(csv("A,BANK,Alpha,,", "B,BANK,Beta,,", "C,BANK,Gamma,,"), "--effective", "2000-01-01")
    header = "source_id,op,entity_type,display_name,valid_from,valid_to"
    rows = (
        "A,,BANK,Alpha,2040-01-01,",
        "B,,BANK,Beta,2001-01-01,2002-01-01",
        "C,end,,,2030-01-01,",
    )

    done = feed.load(csv(*rows, header=header), "--effective", "2020-01-01", *FULL)

    assert done["entities"] == did(closed=1, unchanged=2)
    assert names(day(2029)) == ["Alpha", "Beta", "Gamma"]
    assert names(day(2030)) == ["Alpha", "Beta"]


def test_a_row_ends_details_over_its_own_period_only(feed: Feed) -> None:
    feed.load(csv("A,BANK,Alpha,one,"), "--effective", "2000-01-01")
    header = "source_id,entity_type,display_name,valid_from,valid_to"

    feed.load(csv("A,BANK,Alpha,2010-01-01,2012-01-01", header=header), *FULL)

    assert [bool(notes(day(year))) for year in (2009, 2010, 2011, 2012)] == [
        True,
        False,
        False,
        True,
    ]


def test_several_rows_of_one_entity_are_each_the_whole_of_it(feed: Feed) -> None:
    header = f"{HEADER},valid_from"
    rows = ("A,BANK,Alpha,one,,2000-01-01", "A,BANK,Alpha,,a@b,2010-01-01")
    for expected in (did(opened=2), did(unchanged=2)):
        done = feed.load(csv(*rows, header=header), "--effective", "2020-01-01", *FULL)
        assert done["details"] == expected
    assert [notes(day(year)) for year in (2000, 2009, 2010, 2020)] == [
        ["one"],
        ["one"],
        ["a@b"],
        ["a@b"],
    ]


def test_two_rows_that_differ_in_a_detail_contradict_each_other(feed: Feed) -> None:
    path = feed.write("feed.csv", csv("A,BANK,Alpha,one,", "A,BANK,Alpha,,a@b"))

    rejects = feed.rejects(path, *SOURCE, *FULL)

    reason = "Line 2 says something else of the same thing from the same instant on."
    assert rejects == [(3, reason)]
    assert notes(day(2100)) == ["one"]


@pytest.mark.parametrize(("future", "later"), [("keep", ["late"]), ("overwrite", [])])
def test_future_decides_what_becomes_of_what_is_scheduled(
    feed: Feed, future: str, later: list[str]
) -> None:
    header = f"{HEADER},valid_from"
    rows = ("A,BANK,Alpha,,,2000-01-01", "A,,,late,,2030-01-01")
    feed.load(csv(*rows, header=header))

    feed.load(csv("A,BANK,Alpha,,"), "--effective", "2020-01-01", "--future", future, *FULL)

    assert notes(day(2030)) == later


@pytest.mark.parametrize(("future", "later"), [("keep", ["Alpha"]), ("overwrite", [])])
def test_future_decides_about_a_missing_entity_that_would_come_back(
    feed: Feed, future: str, later: list[str]
) -> None:
    header = "source_id,entity_type,display_name,valid_from,valid_to"
    feed.load(csv("A,BANK,Alpha,2000-01-01,2025-01-01", "A,BANK,Alpha,2030-01-01,", header=header))

    feed.load(csv("B,BANK,B,,"), "--effective", "2020-01-01", "--future", future, *FULL)

    assert names(day(2021)) == ["B"]
    assert names(day(2030)) == [*later, "B"]


def test_reject_refuses_to_end_what_has_something_scheduled(feed: Feed) -> None:
    header = "source_id,entity_type,display_name,valid_from,valid_to"
    feed.load(csv("A,BANK,Alpha,2000-01-01,2025-01-01", header=header))
    path = feed.write("feed.csv", csv("B,BANK,B,,"))

    answer = feed.run(path, *SOURCE, "--effective", "2020-01-01", "--future", "reject", *FULL)

    assert answer.code == 1
    assert f"The file lacks {entity_uuid('feed', 'A')}" in answer.err
    assert "There is a later change, at 2025-01-01T00:00:00+00:00." in answer.err
    assert names(day(2021)) == ["Alpha"]


# What is rejected is not missing


def test_the_entity_of_a_rejected_row_is_left_as_it_is(feed: Feed) -> None:
    feed.load(csv(*(f"{name},BANK,{name},n," for name in "ABCDEFGH")), "--effective", "2020-01-01")
    header = f"uuid,{HEADER},valid_from"
    bad = (
        ",A,FIRM,A,,,",
        ",B,BANK,B,,nobody,",
        ",C,BANK,,,,",
        ",D,BANK,D,,,soon",
        f"{entity_uuid('feed', 'E')},F,BANK,F,,,",
        "12,G,BANK,G,,,",
    )
    path = feed.write("feed.csv", csv(*bad, header=header))

    rejects = feed.rejects(path, *SOURCE, "--effective", "2021-01-01", *FULL)

    assert [line for line, _ in rejects] == [2, 4, 5, 6, 7, 3]
    assert rejects[1][1] == (
        "A row of a full file is the whole of its entity and needs its display_name."
    )
    assert names(day(2021)) == list("ABCDEFG")


def test_the_entity_of_a_row_that_is_refused_later_is_left_as_it_is(feed: Feed) -> None:
    header = f"{HEADER},valid_from,valid_to"
    feed.load(csv("A,BANK,Alpha,n,,2000-01-01,", "B,BANK,B,,,2000-01-01,", header=header))
    rows = (
        "A,BANK,One,,,2010-01-01,2030-01-01",
        "A,BANK,Two,,,2020-01-01,",
        "B,BANK,B,,,,",
    )
    path = feed.write("feed.csv", csv(*rows, header=header))

    rejects = feed.rejects(path, *SOURCE, "--effective", "2021-01-01", *FULL)

    assert [line for line, _ in rejects] == [2]
    assert names(day(2021)) == ["B", "Two"]


@pytest.mark.parametrize("row", ["A,BANK", "B,BANK,\x80", ",BANK,Beta,,"])
def test_a_row_whose_name_cannot_be_read_ends_nothing(feed: Feed, row: str) -> None:
    feed.load(csv("A,BANK,Alpha,one,", "B,BANK,Beta,two,"), "--effective", "2020-01-01")
    content = csv("A,BANK,Aleph,,", row).encode("latin-1")
    path = feed.write("feed.csv", content)

    answer = feed.run(path, *SOURCE, "--effective", "2021-01-01", *FULL)

    assert answer.code == 5
    skipped = "1 rejected row does not say what it is about."
    assert skipped in answer.out
    assert skipped in feed.run(path, *SOURCE, "--effective", "2021-01-01", *FULL, "--json").err
    assert (names(day(2021)), notes(day(2021))) == (["Aleph", "Beta"], ["two"])


# The brake


def eleven(feed: Feed) -> None:
    rows = [f"E{number},BANK,Bank {number},," for number in range(11)]
    feed.load(csv(*rows), "--effective", "2020-01-01")


def without(*numbers: int) -> str:
    return csv(
        *(f"E{number},BANK,Bank {number},," for number in range(11) if number not in numbers)
    )


@pytest.mark.parametrize(
    ("gone", "limit", "code"),
    [
        ((3,), [], 0),
        ((3, 4), [], 4),
        ((3, 4), ["--max-ended", "2"], 0),
        ((3, 4), ["--max-ended", "1"], 4),
        ((3, 4), ["--max-ended", "19%"], 0),
        ((3, 4), ["--max-ended", "18.1%"], 4),
        ((3,), ["--max-ended", "0"], 4),
        ((), ["--max-ended", "0%"], 0),
        (tuple(range(11)), ["--max-ended", "100%"], 0),
    ],
)
def test_the_brake(feed: Feed, gone: tuple[int, ...], limit: list[str], code: int) -> None:
    eleven(feed)
    path = feed.write("feed.csv", without(*gone))
    options = [*SOURCE, "--effective", "2021-01-01", "--mode", "full", *limit]

    assert feed.run(path, *options, "--dry-run").code == code
    answer = feed.run(path, *options)

    assert answer.code == code
    assert len(names(day(2021))) == (11 if code else 11 - len(gone))


def test_a_brake_says_what_it_found_and_writes_nothing(feed: Feed) -> None:
    eleven(feed)
    entries = AuditEntry.objects.count()
    path = feed.write("feed.csv", without(3, 4) + "NEW,BANK,New,,\n")

    answer = feed.run(path, *SOURCE, "--effective", "2021-01-01", "--mode", "full", "--json")

    assert answer.code == 4
    assert answer.err == (
        "The file lacks 2 of the 11 valid things of its source, and --max-ended 10% allows to end "
        "no more than 1. Nothing was written."
    )
    batch = latest_batch()
    assert answer.json == {
        "batch": batch.pk,
        "read": 10,
        "rejected": 0,
        "entities": did(),
        "details": did(),
        "missing": 2,
        "not_ended": 0,
        "affected": {"ended": 2, "corrected": 0, "overtaken": 0},
        "new_source": None,
        "seconds": answer.json["seconds"],
    }
    assert (batch.state, batch.error) == (BatchState.REFUSED, answer.err)
    assert (batch.options["mode"], batch.options["max_ended"]) == ("full", None)
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("empty.jsonl", b""),
        ("blank.csv", b"\n\n"),
        ("header.csv", HEADER.encode()),
        ("packed.csv.gz", gzip.compress(b"", mtime=0)),
    ],
)
def test_an_empty_file_brakes(feed: Feed, name: str, content: bytes) -> None:
    eleven(feed)
    path = feed.write(name, content)
    full = [*SOURCE, "--effective", "2021-01-01", "--mode", "full"]

    assert feed.run(path, *full).code == 4
    assert len(names(day(2021))) == 11
    assert feed.run(path, *full, "--max-ended", "100%").code == 0
    assert names(day(2021)) == []
    assert feed.run(path, *full).code == 0


def test_the_table_says_what_is_missing(feed: Feed) -> None:
    eleven(feed)
    path = feed.write("feed.csv", without(3))

    answer = feed.run(path, *SOURCE, "--effective", "2021-01-01", "--mode", "full")

    assert "1 of the 11 that were valid are missing in the file and end." in answer.out


def test_what_others_write_meanwhile_stays(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is newer than the file."""
    feed.load(csv("A,BANK,Alpha,,"), "--effective", "2020-01-01")
    original = Loading.attempt

    def slow(*args: Any, **given: Any) -> Any:
        create("Late", source="feed", source_id="L")
        update(entity_uuid("feed", "A"), day(2020), details={"NOTE": "late"})
        return original(*args, **given)

    monkeypatch.setattr(Loading, "attempt", slow)
    feed.load(csv("A,BANK,Aleph,,"), "--effective", "2021-01-01", *FULL)

    assert (names(day(2021)), notes(day(2021))) == (["Aleph", "Late"], ["late"])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--mode", "full"], "--mode full needs the --source"),
        (["--mode", "half"], "invalid choice: 'half'"),
        ([*SOURCE, "--max-ended", "5"], "--max-ended is for --mode full"),
        ([*SOURCE, "--mode", "full", "--max-ended", "101%"], "Expected a number like 500"),
        ([*SOURCE, "--mode", "full", "--max-ended", "-1"], "Expected a number like 500"),
    ],
)
def test_wrong_options(
    feed: Feed, capsys: pytest.CaptureFixture[str], options: list[str], sentence: str
) -> None:
    answer = feed.run(feed.write("feed.csv", csv()), *options)

    assert answer.code == 1
    assert sentence in answer.err + capsys.readouterr().err
    assert not IngestBatch.objects.exists()
