"""A source that was never seen is named, and one that looks like a slip of a known one refused."""

from __future__ import annotations

import pytest

from core.models import BatchState, IngestBatch
from core.registers.sources import is_near
from entities.models import Entity
from entities.tests.background import upload
from entities.tests.feed import Feed, latest_batch

ROWS = "source_id,entity_type,display_name\nA,BANK,Alpha\n"
NAMED = "source,source_id,entity_type,display_name\n{},A,BANK,Alpha\n"


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("TR", "tr", True),
        (" t r ", "tr", True),
        ("tr", "ty", True),
        ("tr", "trs", True),
        ("tr", "r", True),
        ("custody", "cusotdy", True),
        ("custody", "Cusody", True),
        ("custody", "cust0dy", True),
        ("STRASSE", "straße", True),
        ("tr", "rt", True),
        ("tr", "tyx", False),
        ("custody", "csutoyd", False),
        ("custody", "custodians", False),
        ("ab", "ba-", False),
    ],
)
def test_names_that_are_near(one: str, other: str, near: bool) -> None:
    assert is_near(one, other) is is_near(other, one) is near


def test_a_new_source_is_named(feed: Feed) -> None:
    path = feed.write("feed.csv", ROWS)

    for said in ("tr", None):
        answer = feed.run(path, "--source", "tr", "--json")
        assert (answer.code, answer.json["new_source"]) == (0, said)
        assert latest_batch().new_source == (said or "")
    answer = feed.run(path, "--source", "custody")
    assert "The source custody is new: nothing of it was known." in answer.out


@pytest.mark.parametrize("slip", ["TR", "t r", "ty", "rt"])
def test_what_looks_like_a_known_source_is_refused(feed: Feed, slip: str) -> None:
    path = feed.write("feed.csv", ROWS)
    assert feed.run(path, "--source", "tr").code == 0
    named = feed.write("named.csv", NAMED.format(slip))
    sentence = (
        f"There is no source {slip!r} yet, but 'tr', which differs by case, white space or one "
        "letter. If another source is meant, say --new-source (new_source of an upload)."
    )

    for run in ([path, "--source", slip], [named], [named, "--dry-run"]):
        answer = feed.run(*map(str, run))
        assert (answer.code, answer.err) == (1, sentence)
        assert (latest_batch().state, latest_batch().error) == (BatchState.FAILED, sentence)
    assert Entity.objects.count() == 1

    answer = feed.run(named, "--new-source", "--json")
    assert (answer.code, answer.json["new_source"]) == (0, slip)
    assert feed.run(path, "--source", slip).code == 0


def test_two_new_sources_in_one_file_that_look_alike(feed: Feed) -> None:
    rows = NAMED.format("bank-a") + "bank-b,B,BANK,Beta\ncustody,C,BANK,Gamma\n"
    path = feed.write("feed.csv", rows)

    assert feed.run(path).err.startswith("There is no source 'bank-b' yet, but 'bank-a'")
    answer = feed.run(path, "--new-source", "--json")
    assert answer.json["new_source"] == "bank-a, bank-b, custody"


def test_an_upload_is_refused_at_once(feed: Feed) -> None:
    feed.load(ROWS)
    batches = IngestBatch.objects.count()

    with pytest.raises(Exception, match="There is no source 'Feed' yet, but 'feed'"):
        upload(ROWS, source="Feed")
    assert IngestBatch.objects.count() == batches
    assert upload(ROWS, source="Feed", new_source=True).options["new_source"] is True
