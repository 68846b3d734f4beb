"""Instants and days as people write them. A day is a day of UTC."""

import re
from datetime import UTC, date, datetime, time

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
TIMESTAMP = re.compile(
    r"(?P<local>\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}([.]\d{1,6})?)?)"
    r"(?P<zone>[Zz]|[+-]\d{2}:\d{2})?",
    re.ASCII,
)
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
"""The last instant there is. Nothing may be written with it: it stands for "without end"."""


class NotAnInstant(ValueError):
    """A text that names no instant; ``code`` says what is wrong with it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_instant_or_day(text: str) -> datetime | date:
    """A UTC instant from a timestamp with a time zone, or a day from a bare date.

    Raises NotAnInstant for anything else, a timestamp without a time zone among it.
    """
    if DAY.fullmatch(text):
        return read_day(text)
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
    return read_timestamp(text)


def read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotAnInstant("invalid", f"There is no such day: {text}.") from error


def read_timestamp(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError as error:
        raise NotAnInstant(
            "out_of_range", "Instants lie between the years 1 and 9999 of UTC."
        ) from error
    except ValueError as error:
        raise NotAnInstant("invalid", f"There is no such instant: {text}.") from error


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
