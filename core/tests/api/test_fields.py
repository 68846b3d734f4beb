from datetime import UTC, date, datetime
from typing import Any

import pytest
from rest_framework.exceptions import ValidationError

from core.api.fields import (
    AnyField,
    AskedFromField,
    AskedUntilField,
    Body,
    FlagField,
    KnownAtField,
    Settled,
    TextField,
    WrittenInstantField,
)


class Example(Body):
    name = TextField(max_length=5)
    flag = FlagField(required=False)
    at = WrittenInstantField(required=False, allow_null=True)
    anything = AnyField(required=False, allow_null=True)


def read(data: Any) -> dict[str, Any]:
    body = Example(data=data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def codes(data: Any) -> Any:
    with pytest.raises(ValidationError) as caught:
        read(data)
    return caught.value.get_codes()


def test_what_fits_is_taken_as_it_is() -> None:
    given = {"name": " a b ", "flag": True, "at": "2024-03-31", "anything": {"x": [1, None]}}
    assert read(given) == {**given, "at": datetime(2024, 3, 31, tzinfo=UTC)}
    assert read({"name": "a", "at": None, "anything": None}) == {
        "name": "a",
        "at": None,
        "anything": None,
    }


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({}, {"name": ["required"]}),
        ({"name": None}, {"name": ["null"]}),
        ({"name": ""}, {"name": ["blank"]}),
        ({"name": 12}, {"name": ["invalid"]}),
        ({"name": True}, {"name": ["invalid"]}),
        ({"name": ["a"]}, {"name": ["invalid"]}),
        ({"name": "abcdef"}, {"name": ["max_length"]}),
        ({"name": "a\0"}, {"name": ["null_characters_not_allowed"]}),
        ({"name": "a", "flag": "true"}, {"flag": ["invalid"]}),
        ({"name": "a", "flag": 1}, {"flag": ["invalid"]}),
        ({"name": "a", "flag": None}, {"flag": ["null"]}),
        ({"name": "a", "at": 1711877400}, {"at": ["invalid"]}),
        ({"name": "a", "at": "2024-03-31T00:00:00"}, {"at": ["naive"]}),
        ({"name": "a", "at": "9999-12-31T23:59:59.999999Z"}, {"at": ["out_of_range"]}),
        ({"name": "a", "nmae": "b"}, {"nmae": ["unknown"]}),
        ({"nmae": "b"}, {"name": ["required"], "nmae": ["unknown"]}),
    ],
)
def test_what_does_not_fit_is_named(given: Any, wrong: Any) -> None:
    assert codes(given) == wrong


@pytest.mark.parametrize("given", [[], "text", 1, True, [{"name": "a"}]])
def test_a_body_is_an_object(given: Any) -> None:
    assert codes(given) == {"non_field_errors": ["not_an_object"]}


def test_null_is_no_object() -> None:
    assert codes(None) == {"non_field_errors": ["null"]}


def test_what_a_date_means() -> None:
    assert WrittenInstantField().run_validation("2024-03-31") == datetime(2024, 3, 31, tzinfo=UTC)
    assert AskedFromField().run_validation("2024-03-31") == datetime(2024, 3, 31, tzinfo=UTC)
    last = datetime(2024, 3, 31, 23, 59, 59, 999999, tzinfo=UTC)
    assert AskedUntilField().run_validation("2024-03-31") == last
    assert KnownAtField().run_validation("2024-03-31") == date(2024, 3, 31)
    assert KnownAtField().run_validation("settled") is Settled.INSTANT
