from datetime import UTC, date, datetime

import pytest

from core.datetimes import (
    LAST_INSTANT,
    NotAnInstant,
    asked_from,
    asked_knowledge,
    asked_until,
    read_end,
    read_instant_or_day,
    read_start,
)

NOW = datetime(2024, 3, 31, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-03-31T09:30:00Z", datetime(2024, 3, 31, 9, 30, tzinfo=UTC)),
        ("2024-03-31T09:30Z", datetime(2024, 3, 31, 9, 30, tzinfo=UTC)),
        ("2024-03-31t09:30:00z", datetime(2024, 3, 31, 9, 30, tzinfo=UTC)),
        ("2024-03-31T09:30:00.123456Z", datetime(2024, 3, 31, 9, 30, 0, 123456, tzinfo=UTC)),
        ("2024-03-31T09:30:00.5Z", datetime(2024, 3, 31, 9, 30, 0, 500000, tzinfo=UTC)),
        ("2024-03-31T00:30:00+02:00", datetime(2024, 3, 30, 22, 30, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59.999999Z", LAST_INSTANT),
        ("0001-01-01T00:00:00-12:00", datetime(1, 1, 1, 12, tzinfo=UTC)),
    ],
)
def test_a_timestamp_means_itself(text: str, instant: datetime) -> None:
    assert read_instant_or_day(text) == instant
    assert asked_from(instant) == asked_until(instant) == asked_knowledge(instant, NOW) == instant


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2024-03-31T09:30:00", "naive"),
        ("2024-03-31T09:30", "naive"),
        ("2024-03-31T09:30:00 02:00", "invalid"),
        ("2024-03-31 09:30:00Z", "invalid"),
        ("2024-02-30", "invalid"),
        ("2024-02-30T00:00:00Z", "invalid"),
        ("2024-03-31T24:00:00Z", "invalid"),
        ("2024-03-31T23:59:60Z", "invalid"),
        ("2024-03-31T09:30:00+25:00", "invalid"),
        ("2024-03-31T09:30:00.1234567Z", "invalid"),
        ("0000-01-01", "invalid"),
        ("0001-01-01T00:00:00+01:00", "out_of_range"),
        ("9999-12-31T23:59:59-01:00", "out_of_range"),
        ("10000-01-01", "invalid"),
        ("2024-W13-7", "invalid"),
        ("20240331", "invalid"),
        ("2024-3-1", "invalid"),
        ("٢٠٢٤-03-31", "invalid"),
        ("infinity", "invalid"),
        ("now", "invalid"),
        ("1711877400", "invalid"),
        (" 2024-03-31", "invalid"),
        ("2024-03-31\n", "invalid"),
        ("", "invalid"),
    ],
)
def test_what_names_no_instant_is_refused(text: str, code: str) -> None:
    with pytest.raises(NotAnInstant) as caught:
        read_instant_or_day(text)
    assert caught.value.code == code


def test_a_day_begins_with_its_first_instant() -> None:
    assert asked_from(read_instant_or_day("2024-03-31")) == datetime(2024, 3, 31, tzinfo=UTC)


def test_a_day_ends_with_its_last_microsecond() -> None:
    last = datetime(2024, 3, 31, 23, 59, 59, 999999, tzinfo=UTC)
    assert asked_until(read_instant_or_day("2024-03-31")) == last


def test_the_first_and_the_last_day_there_are() -> None:
    assert asked_from(date.min) == datetime.min.replace(tzinfo=UTC)
    assert asked_until(date.max) == LAST_INSTANT


def test_what_is_known_today_is_what_is_known_now() -> None:
    assert asked_knowledge(date(2024, 3, 31), NOW) == NOW
    yesterday = datetime(2024, 3, 30, 23, 59, 59, 999999, tzinfo=UTC)
    assert asked_knowledge(date(2024, 3, 30), NOW) == yesterday
    tomorrow = datetime(2024, 4, 1, 23, 59, 59, 999999, tzinfo=UTC)
    assert asked_knowledge(date(2024, 4, 1), NOW) == tomorrow


LATE = [
    "9999-12-31",
    "9999-12-31T00:00:00Z",
    "9999-12-31T23:59:59.999999z",
    "9999-12-31T00:00+14:00",
    "9999-12-31T23:59:59.999999-12:00",
    "9999-12-30T23:00:00-01:00",
]


@pytest.mark.parametrize("text", LATE)
def test_the_end_of_time_is_no_end_and_no_start(text: str) -> None:
    assert read_end(text) is None
    with pytest.raises(NotAnInstant, match="must be earlier than 9999-12-31") as caught:
        read_start(text)
    assert caught.value.code == "out_of_range"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("9999-12-30", datetime(9999, 12, 30, tzinfo=UTC)),
        ("9999-12-30T23:59:59.999999Z", datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2024-03-31", datetime(2024, 3, 31, tzinfo=UTC)),
        ("2024-03-31T00:30:00+02:00", datetime(2024, 3, 30, 22, 30, tzinfo=UTC)),
    ],
)
def test_what_is_earlier_is_an_end_and_a_start(text: str, instant: datetime) -> None:
    assert read_end(text) == read_start(text) == instant


@pytest.mark.parametrize("text", ["9999-12-31T00:00:00", "10000-01-01", "9999-12-32", ""])
def test_what_is_no_instant_is_no_end_of_time(text: str) -> None:
    with pytest.raises(NotAnInstant):
        read_end(text)
