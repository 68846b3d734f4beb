"""Values in the one form that compares as the database compares, and as the log shows them."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.validators import RegexValidator
from django.db import connection, models
from psycopg import sql

from core.api.renderers import to_json as rendered
from core.models.scd2.exceptions import InvalidChange
from core.models.scd2.hash_diff import SQL_TYPES
from core.models.scd2.payload import clean, json_object, to_json
from core.tests.harbour.models import Vessel

NOON = datetime(2024, 3, 31, 12, 0, 0, 120, tzinfo=UTC)


def field(kind: type[models.Field], **kwargs: Any) -> models.Field:
    made = kind(**kwargs)
    made.set_attributes_from_name("value")
    return made


TEXT = field(models.TextField)
SHORT = field(models.CharField, max_length=3)
NUMBER = field(models.DecimalField, max_digits=6, decimal_places=2, null=True)
WHOLE = field(models.IntegerField)
FLAG = field(models.BooleanField)
DAY = field(models.DateField)
MOMENT = field(models.DateTimeField)
NAME = field(models.UUIDField)
CODE = field(models.TextField, validators=[RegexValidator("^[A-Z]+$", "Capital letters.")])


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (TEXT, "", ""),
        (TEXT, " Ærø 東京 🚢 ", " Ærø 東京 🚢 "),
        (TEXT, 5, "5"),
        (SHORT, "abc", "abc"),
        (NUMBER, None, None),
        (NUMBER, "1", Decimal("1.00")),
        (NUMBER, Decimal("-0.10"), Decimal("-0.10")),
        (NUMBER, Decimal("1.500"), Decimal("1.50")),
        (WHOLE, "-7", -7),
        (FLAG, "True", True),
        (DAY, "2024-02-29", date(2024, 2, 29)),
        (MOMENT, "2024-03-31T12:00:00.000120Z", NOON),
        (MOMENT, NOON.astimezone(timezone(timedelta(hours=5))), NOON),
        (NAME, "00000000-0000-0000-0000-000000000001", uuid.UUID(int=1)),
        (CODE, "ABC", "ABC"),
    ],
)
def test_what_fits_is_taken(column: models.Field, value: Any, expected: Any) -> None:
    cleaned = clean(column, value)
    assert cleaned == expected
    assert type(cleaned) is type(expected)


@pytest.mark.parametrize(
    ("column", "value", "because"),
    [
        (TEXT, None, "a value is needed"),
        (TEXT, "a\x00b", "NUL cannot be stored"),
        (TEXT, "\ud800", "surrogates not allowed"),
        (SHORT, "abcd", "at most 3 characters"),
        (NUMBER, "NaN", "must be a decimal number"),
        (NUMBER, Decimal("Infinity"), "must be a decimal number"),
        (NUMBER, "1.005", "no more than 2 decimal places"),
        (NUMBER, "12345", "no more than 6 digits in total"),
        (NUMBER, "one", "must be a decimal number"),
        (WHOLE, 2**31, "less than or equal to 2147483647"),
        (WHOLE, "1.5", "must be an integer"),
        (FLAG, "perhaps", "must be either True or False"),
        (DAY, "2023-02-29", "invalid date"),
        (MOMENT, "2024-03-31T12:00:00", "needs a time zone"),
        (MOMENT, datetime.max.replace(tzinfo=UTC), "must be finite"),
        (NAME, "17", "not a valid UUID"),
        (CODE, "abc", "Capital letters."),
    ],
)
def test_what_does_not_fit_is_refused(column: models.Field, value: Any, because: str) -> None:
    with pytest.raises(InvalidChange) as caught:
        clean(column, value)
    assert caught.value.field == "value"
    assert str(caught.value).startswith("value: ")
    assert because in str(caught.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("text", "text"),
        (True, True),
        (7, 7),
        (Decimal("1.00"), "1"),
        (Decimal("-0.00"), "0"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.100"), "0.1"),
        (date(2024, 2, 29), "2024-02-29"),
        (NOON.astimezone(timezone(timedelta(hours=5))), "2024-03-31T12:00:00.000120Z"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_how_the_log_shows_a_value(value: Any, expected: Any) -> None:
    shown = to_json(value)
    assert shown == expected
    assert type(shown) is type(expected)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "payload",
    [
        ("Fram", "NO", None, None, None, None),
        ("", "NO", Decimal("1.00"), True, date(1, 1, 1), datetime(1, 1, 1, tzinfo=UTC)),
        ('"\\\n☃', "NO", Decimal("-0.10"), False, date(9999, 12, 31), NOON),
        ("x", "NO", Decimal(1000), None, date(800, 2, 29), datetime(2024, 3, 31, tzinfo=UTC)),
    ],
)
def test_the_database_shows_them_alike(payload: tuple[Any, ...]) -> None:
    """The set-based paths write the log in SQL; both are one log."""
    names = Vessel.versioning.tracked
    casts = sql.SQL(", ").join(
        sql.SQL("%s::{} AS {}").format(sql.SQL(Vessel.shape.types[name]), sql.Identifier(name))
        for name in names
    )
    query = sql.SQL("SELECT {} FROM (SELECT {}) AS one").format(
        json_object(Vessel.shape, names, "one"), casts
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'Asia/Kolkata'; SET LOCAL DateStyle = 'SQL, DMY'")
        cursor.execute(query, payload)
        (shown,) = cursor.fetchone()
    expected = {name: to_json(value) for name, value in zip(names, payload, strict=True)}
    assert json.loads(shown) == expected


EVERY_TYPE: dict[str, tuple[Any, Any]] = {
    "text": ("Ärger \u2028\U0001f4a7", "Ärger \u2028\U0001f4a7"),
    "boolean": (False, False),
    "bigint": (2**63 - 1, 2**63 - 1),
    "numeric": (Decimal("-123456789012345678.900"), "-123456789012345678.9"),
    "uuid": (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
    "date": (date(800, 2, 29), "0800-02-29"),
    "timestamptz": (NOON, "2024-03-31T12:00:00.000120Z"),
}
"""A value of each type that a tracked column may have, and what it is in JSON."""


@pytest.mark.django_db
def test_every_type_is_shown_alike_by_the_database_the_log_and_an_answer() -> None:
    assert EVERY_TYPE.keys() == set(SQL_TYPES.values())
    values, shown = ([pair[side] for pair in EVERY_TYPE.values()] for side in (0, 1))
    names = tuple(EVERY_TYPE)
    shape: Any = SimpleNamespace(types=dict(zip(names, names, strict=True)))
    casts = sql.SQL(", ").join(
        sql.SQL("%s::{} AS {}").format(sql.SQL(kind), sql.Identifier(kind)) for kind in names
    )
    query = sql.SQL("SELECT {} FROM (SELECT {}) AS one").format(
        json_object(shape, names, "one"), casts
    )
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        (by_the_database,) = cursor.fetchone()

    expected = dict(zip(names, shown, strict=True))
    assert json.loads(by_the_database) == expected
    assert {name: to_json(value) for name, (value, _) in EVERY_TYPE.items()} == expected
    answer = json.loads(rendered(dict(zip(names, values, strict=True))))
    assert answer == expected
