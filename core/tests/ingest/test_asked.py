"""How a file is asked to be loaded, in Python and in a batch."""

from datetime import UTC, datetime

import pytest

from core.ingest.asked import Asked, Mode, format_of
from core.ingest.full import Limit
from core.models.scd2.change import Future
from core.models.scd2.exceptions import InvalidChange


@pytest.mark.parametrize(
    "asked",
    [
        Asked("csv"),
        Asked(
            "jsonl",
            source="feed",
            effective=datetime(2024, 5, 2, tzinfo=UTC),
            mode=Mode.FULL,
            max_ended=Limit.parse("2.5%"),
            max_corrected=Limit.parse("3"),
            future=Future.OVERWRITE,
            dry_run=True,
            strict=True,
            system_time=datetime(2024, 5, 3, tzinfo=UTC),
            reason="because",
        ),
    ],
)
def test_a_batch_gives_back_what_it_keeps(asked: Asked) -> None:
    assert Asked.from_json(asked.as_json()) == asked


def test_a_brake_is_for_full_files() -> None:
    with pytest.raises(InvalidChange, match="a delta ends what it names") as caught:
        Asked("csv", max_ended=Limit.parse("5"))
    assert caught.value.field == "max_ended"
    with pytest.raises(InvalidChange, match="--max-corrected is for --mode full") as caught:
        Asked("csv", max_corrected=Limit.parse("5"))
    assert caught.value.field == "max_corrected"


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.csv", "csv"), ("a.b.CSV.gz", "csv"), ("a.ndjson", "jsonl"), ("csv", None), ("-", None)],
)
def test_the_format_of_a_name(name: str, form: str | None) -> None:
    assert format_of(name) == form
