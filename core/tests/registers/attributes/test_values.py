"""Values: one canonical text each, JSON of their type, and nothing guessed."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.registers.attributes.values import (
    VALUE_LENGTH,
    DataType,
    from_cell,
    storable,
    to_json,
    to_text,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
JSON = st.recursive(
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.decimals(-(10**30), 10**30, allow_nan=False)
    | TEXTS,
    lambda inner: (
        st.lists(inner | st.none(), max_size=4)
        | st.dictionaries(TEXTS, inner | st.none(), max_size=4)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("data_type", "value", "text"),
    [
        ("text", "ada@example.org", "ada@example.org"),
        ("text", "", ""),
        ("text", " two\nlines ", " two\nlines "),
        ("integer", 12, "12"),
        ("integer", -(2**63), "-9223372036854775808"),
        ("integer", 2**63 - 1, "9223372036854775807"),
        ("decimal", "12.50", "12.5"),
        ("decimal", "0012", "12"),
        ("decimal", "-0.00", "0"),
        ("decimal", "100", "100"),
        ("decimal", "-0.010", "-0.01"),
        ("decimal", "9" * 60 + ".1", "9" * 60 + ".1"),
        ("decimal", Decimal("1E+3"), "1000"),
        ("decimal", 100, "100"),
        ("decimal", Decimal("9.999e-07"), "0.0000009999"),
        ("json", [1, Decimal("1.0"), Decimal("1e0"), 1.0, Decimal("-0.0")], "[1,1,1,1,0]"),
        ("json", Decimal("100000000000000000000.75"), "100000000000000000000.75"),
        ("boolean", True, "true"),
        ("boolean", False, "false"),
        ("date", "2024-02-29", "2024-02-29"),
        ("date", "0001-01-01", "0001-01-01"),
        ("datetime", "2024-01-31T09:30:00+01:00", "2024-01-31T08:30:00Z"),
        ("datetime", "2024-01-31 09:30Z", "2024-01-31T09:30:00Z"),
        ("datetime", "2024-01-31T09:30:00.1Z", "2024-01-31T09:30:00.100000Z"),
        ("json", {"b": [1, None], "a": "ä"}, '{"a":"ä","b":[1,null]}'),
        ("json", [], "[]"),
        ("json", False, "false"),
        ("json", "text", '"text"'),
    ],
)
def test_a_value_has_one_canonical_text(data_type: str, value: Any, text: str) -> None:
    assert to_text(data_type, value) == text
    assert to_text(data_type, to_json(data_type, text)) == text


@pytest.mark.parametrize(
    ("data_type", "value", "sentence"),
    [
        ("text", 12, "must be a string"),
        ("text", None, "must be a string"),
        ("text", "a\0b", "null character"),
        ("text", "\ud800", "surrogate"),
        ("text", "x" * (VALUE_LENGTH + 1), "longer than 10000"),
        ("integer", True, "whole number"),
        ("integer", "12", "whole number"),
        ("integer", 12.0, "whole number"),
        ("integer", 2**63, "64 bits"),
        ("integer", -(2**63) - 1, "64 bits"),
        ("decimal", 1.5, "a decimal number"),
        ("decimal", True, "a decimal number"),
        ("decimal", "1e3", "a decimal number"),
        ("decimal", "NaN", "a decimal number"),
        ("decimal", "", "a decimal number"),
        ("decimal", " 1", "a decimal number"),
        ("decimal", "1.", "a decimal number"),
        ("decimal", "١", "a decimal number"),
        ("decimal", Decimal("Infinity"), "not a number"),
        ("boolean", 1, "true or false"),
        ("boolean", "true", "true or false"),
        ("date", "2024-02-30", "a date in a string"),
        ("date", "20240229", "a date in a string"),
        ("date", "2024-02-29T00:00:00Z", "a date in a string"),
        ("date", date(2024, 2, 29), "a date in a string"),
        ("datetime", "2024-01-31T09:30:00", "offset from UTC"),
        ("datetime", "2024-01-31", "an instant in a string"),
        ("datetime", "2024-13-31T09:30:00Z", "an instant in a string"),
        ("datetime", "0001-01-01T00:00:00+14:00", "an instant in a string"),
        ("json", None, "must not be null"),
        ("json", float("nan"), "not a number"),
        ("json", [float("inf")], "not a number"),
        ("json", {1: 2}, "keys of the value must be strings"),
        ("json", {"a": {1}}, "must be JSON"),
        ("json", {"a": "\ud800"}, "surrogate"),
        ("json", "x" * VALUE_LENGTH, "longer than 10000"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(
    data_type: str, value: Any, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        to_text(data_type, value)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_json_may_be_nested_but_not_without_end() -> None:
    assert to_text("json", nested(32)) == "[" * 32 + "1" + "]" * 32
    with pytest.raises(ValueError, match="32 levels"):
        to_text("json", nested(33))


@given(TEXTS)
def test_text_travels_as_it_is(text: str) -> None:
    assert to_json("text", to_text("text", text)) == text


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_travel_as_numbers(number: int) -> None:
    assert to_json("integer", to_text("integer", number)) == number
    assert from_cell("integer", str(number)) == str(number)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20
    )
)
def test_decimals_travel_as_strings_and_equal_ones_have_one_text(number: Decimal) -> None:
    text = to_text("decimal", format(number, "f"))
    assert to_json("decimal", text) == text
    assert Decimal(text) == number
    assert (
        to_text("decimal", format(number, "f") + "000" if "." in format(number, "f") else text)
        == text
    )


@given(st.dates())
def test_dates_travel_as_strings(day: date) -> None:
    assert to_json("date", to_text("date", day.isoformat())) == day.isoformat()


@given(
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
)
def test_one_instant_has_one_text_whatever_its_offset(local: datetime, minutes: int) -> None:
    instant = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    text = to_text("datetime", instant.isoformat())
    assert text.endswith("Z")
    assert datetime.fromisoformat(text) == instant
    assert to_text("datetime", instant.astimezone(UTC).isoformat()) == text


@given(JSON)
def test_json_comes_back_and_its_keys_are_in_order(value: Any) -> None:
    text = to_text("json", value)
    assert to_json("json", text) == value
    assert to_text("json", json.loads(text, parse_float=Decimal)) == text
    assert from_cell("json", text) == text


@pytest.mark.parametrize(
    ("data_type", "cell", "text"),
    [
        ("text", "12", "12"),
        ("integer", "-007", "-7"),
        ("decimal", "1.50", "1.5"),
        ("boolean", "TRUE", "true"),
        ("date", "2024-02-29", "2024-02-29"),
        ("datetime", "2024-01-31T09:30:00+01:00", "2024-01-31T08:30:00Z"),
        ("json", '{"b": 1, "a": 2}', '{"a":2,"b":1}'),
    ],
)
def test_a_cell_is_read_as_its_type(data_type: str, cell: str, text: str) -> None:
    assert from_cell(data_type, cell) == text


@pytest.mark.parametrize(
    ("data_type", "cell"),
    [
        ("integer", "1.0"),
        ("integer", ""),
        ("integer", "9223372036854775808"),
        ("integer", "9" * 5000),
        ("boolean", "yes"),
        ("json", "{"),
        ("json", "null"),
        ("json", "[" * 5000),
        ("json", "NaN"),
    ],
)
def test_a_cell_that_is_not_of_its_type_is_refused(data_type: str, cell: str) -> None:
    with pytest.raises(ValueError, match=r"The value (must|is not acceptable JSON: )"):
        from_cell(data_type, cell)


def test_every_data_type_is_known() -> None:
    values = {
        "text": "a",
        "integer": 1,
        "decimal": "1",
        "boolean": True,
        "date": "2024-01-01",
        "datetime": "2024-01-01T00:00:00Z",
        "json": [1],
    }
    assert set(values) == set(DataType.values)
    assert {kind: to_json(kind, to_text(kind, value)) for kind, value in values.items()} == values


def test_what_can_be_stored_is_handed_through() -> None:
    assert storable("ä" * VALUE_LENGTH) == "ä" * VALUE_LENGTH
