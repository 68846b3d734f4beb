"""Instants and days as people write them. A day is a day of UTC."""

import re
from datetime import UTC, date, datetime, time, timedelta

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
TIMESTAMP = re.compile(
    r"(?P<local>\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}([.]\d{1,6})?)?)"
    r"(?P<zone>[Zz]|[+-]\d{2}:\d{2})?",
    re.ASCII,
)
LAST_INSTANT = datetime.max.replace(tzinfo=UTC)
LAST_DAY = date(9999, 12, 31)
END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
"""Other systems write an open end so: a ``valid_to`` from here on means that there is none."""


class NotAnInstant(ValueError):
    """A text that names no instant; ``code`` says what is wrong with it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def is_end_of_time(value: datetime) -> bool:
    """Whether an aware instant lies on or after 9999-12-31, in its own time zone or in UTC."""
    return value.date() >= LAST_DAY or value >= END_OF_TIME


def read_instant_or_day(text: str) -> datetime | date:
    """A UTC instant from a timestamp with a time zone, or a day from a bare date.

    Raises NotAnInstant for anything else, a timestamp without a time zone among it.
    """
    value = parse(text)
    return in_utc(value) if isinstance(value, datetime) else value


def parse(text: str) -> datetime | date:
    """As ``read_instant_or_day``, in the time zone that is written."""
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
        return parse_timestamp(text)
    except NotAnInstant:
        raise
    except ValueError as error:
        what = "day" if DAY.fullmatch(text) else "instant"
        raise NotAnInstant("invalid", f"There is no such {what}: {text}.") from error


def parse_timestamp(text: str) -> datetime:
    match = TIMESTAMP.fullmatch(text)
    if not match:
        raise NotAnInstant(
            "invalid",
            "Expected a date like 2024-03-31 or a timestamp like 2024-03-31T09:30:00Z "
            "(in an address, a + is written %2B).",
        )
    if not match["zone"]:
        raise NotAnInstant(
            "naive", "A timestamp needs its time zone: end it with Z or with an offset like +01:00."
        )
    return datetime.fromisoformat(text.upper())


def in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise NotAnInstant(
            "out_of_range", "Instants lie between the years 1 and 9999 of UTC."
        ) from error


def read_start(text: str) -> datetime:
    """The instant that a ``valid_from`` names; a day begins with its first. Raises NotAnInstant."""
    start = asked_from(parse(text))
    if is_end_of_time(start):
        raise NotAnInstant(
            "out_of_range", "A start must be earlier than 9999-12-31, which means no end."
        )
    return in_utc(start)


def read_end(text: str, *, inclusive: bool = False) -> datetime | None:
    """The instant that a ``valid_to`` names; None for 9999-12-31 and later, which means no end.

    ``inclusive``: a bare date is the last day, so that the end is the next one. Raises
    NotAnInstant.
    """
    given = parse(text)
    is_day = not isinstance(given, datetime)
    if inclusive and is_day and not is_end_of_time(asked_from(given)):
        given += timedelta(days=1)
    end = asked_from(given)
    return None if is_end_of_time(end) else in_utc(end)


def first_instant(day: date) -> datetime:
    """The instant with which the day begins."""
    return datetime.combine(day, time.min, tzinfo=UTC)


def last_instant(day: date) -> datetime:
    """The last microsecond of the day."""
    return datetime.combine(day, time.max, tzinfo=UTC)


def asked_from(value: datetime | date) -> datetime:
    """An instant as it is; a day begins with its first."""
    return value if isinstance(value, datetime) else first_instant(value)


def asked_until(value: datetime | date) -> datetime:
    """An instant as it is; a day ends with its last."""
    return value if isinstance(value, datetime) else last_instant(value)


def asked_knowledge(value: datetime | date, now: datetime) -> datetime:
    """As ``asked_until``, but today ends now, because nothing later can be known."""
    today = not isinstance(value, datetime) and value == now.date()
    return now if today else asked_until(value)
