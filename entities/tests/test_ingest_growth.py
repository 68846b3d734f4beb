"""A full file with many rows of one thing takes about as long as one with a row of many things."""

from __future__ import annotations

import time
from datetime import date, timedelta

from entities.tests.feed import Feed, did

ROWS = 4_000
HEADER = "source_id,entity_type,display_name,valid_from,valid_to,detail:NOTE"


def seconds(feed: Feed, name: str, rows: list[str], **outcome: int) -> float:
    path = feed.write(f"{name}.csv", "\n".join([HEADER, *rows]) + "\n")
    options = ("--mode", "full", "--max-corrected", "100%", "--effective", "2000-01-01", "--json")
    begun = time.monotonic()
    answer = feed.run(path, "--source", name, *options)
    took = time.monotonic() - begun
    assert answer.code == 0, answer.err
    assert answer.json["details"] == answer.json["entities"] == did(**outcome)
    return took


def test_it_grows_with_the_rows_and_not_with_their_square(feed: Feed) -> None:
    days = [date(2000, 1, 1) + timedelta(number) for number in range(ROWS + 1)]
    one = [f"A,BANK,Name {i},{days[i]},{days[i + 1]},note {i}" for i in range(ROWS)]
    many = [f"K{i},BANK,Name {i},{days[0]},{days[1]},note {i}" for i in range(ROWS)]
    # The first run pays for what is read and cached once.
    seconds(feed, "warming up", many[:10], opened=10)
    reference = seconds(feed, "many things", many, opened=ROWS)
    took = seconds(feed, "one", one, opened=ROWS)
    assert took < 4 * reference
    reference = seconds(feed, "many things", many, unchanged=ROWS)
    took = min(seconds(feed, "one", one, unchanged=1) for _ in range(2))
    assert took < 15 * reference
