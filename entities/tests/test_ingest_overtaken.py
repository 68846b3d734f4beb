"""A file that does not come to hold says so."""

from __future__ import annotations

import pytest

from entities.tests.feed import Feed, did, latest_batch

HEADER = "source_id,entity_type,display_name,valid_from"


@pytest.mark.parametrize("name", ["late.csv", "late.jsonl"])
def test_an_old_file_again_says_that_it_does_not_hold(feed: Feed, name: str) -> None:
    head = '{"source_id": "A", "entity_type": "BANK", "display_name": "%s", "valid_from": "%s"}\n'
    old, new = (
        f"{HEADER}\nA,BANK,{said},{start}\n" if name == "late.csv" else head % (said, start)
        for said, start in (("Old", "2020-01-01"), ("New", "2022-01-01"))
    )
    for content in (old, new):
        assert feed.load(content, name=name)["entities"]["overtaken"] == 0

    again = feed.load(old, name=name)

    assert again["entities"] == did(unchanged=1, overtaken=1)
    assert latest_batch().counts["entities"]["overtaken"] == 1
    shown = feed.run(feed.path(name), "--source", "feed").out
    (row,) = [line for line in shown.splitlines() if "entities" in line]
    assert [cell.strip() for cell in row.split("│") if cell.strip()] == [
        "entities",
        *"00011",
    ]
