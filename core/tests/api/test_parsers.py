import io
from typing import Any

import pytest
from rest_framework.exceptions import ParseError

from core.api.parsers import MAX_BYTES, StrictJSONParser, parse_json
from core.api.problems import Problem
from core.strict_json import MAX_DEPTH


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"a": [1, -2.5, true, null, "\xc3\xbc"]}', {"a": [1, -2.5, True, None, "ü"]}),
        (b'"\\ud83d\\ude00"', "😀"),
        (b"12345678901234567890123", 12345678901234567890123),
        (b"{}", {}),
        (b"0", 0),
    ],
)
def test_json_is_read(raw: bytes, value: Any) -> None:
    assert parse_json(raw) == value


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "The body is not JSON at line 1, column 1: Expecting value."),
        (
            b'{"a": 1,}',
            (
                "The body is not JSON at line 1, column 9: Expecting property name enclosed in "
                "double quotes."
            ),
        ),
        (b'{"a": 1}\n x', "The body is not JSON at line 2, column 2: Extra data."),
        (b'"\xff"', "The body is not UTF-8 at byte 1."),
        (
            b'{"a": 1, "b": 2, "a": 3}',
            "The body is not acceptable JSON: 'a' is given twice in one object.",
        ),
        (b"[NaN]", "The body is not acceptable JSON: NaN is not a number in JSON."),
        (b"-Infinity", "The body is not acceptable JSON: -Infinity is not a number in JSON."),
        (
            b"1e400",
            "The body is not acceptable JSON: 1e400 is too great a number; send it as a string.",
        ),
        (
            b'[{}, {"name": ["\\ud83d"]}]',
            (
                "The body is not acceptable JSON: [1].name[0] has half of a surrogate pair "
                "(\\ud83d), which is not a character."
            ),
        ),
        (
            b'{"a": {"\\udc00": 1}}',
            (
                "The body is not acceptable JSON: The name a.'\\udc00' has half of a surrogate "
                "pair (\\udc00), which is not a character."
            ),
        ),
    ],
)
def test_what_is_not_json_is_refused(raw: bytes, sentence: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_json(raw)
    assert str(caught.value.detail) == sentence


def test_a_number_with_too_many_digits_is_refused() -> None:
    with pytest.raises(ParseError, match="The body is not acceptable JSON"):
        parse_json(b"9" * 5000)


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def test_nesting_ends_at_the_limit() -> None:
    assert parse_json(nested(MAX_DEPTH + 1))
    for levels in (MAX_DEPTH + 2, 500, 100_000):
        with pytest.raises(ParseError) as caught:
            parse_json(nested(levels))
        assert str(caught.value.detail) == "The body is nested more than 64 levels deep."


def test_a_body_may_be_as_large_as_the_limit() -> None:
    raw = b'"' + b"a" * (MAX_BYTES - 2) + b'"'
    assert len(StrictJSONParser().parse(io.BytesIO(raw))) == MAX_BYTES - 2


def test_a_larger_body_is_refused() -> None:
    with pytest.raises(Problem) as caught:
        StrictJSONParser().parse(io.BytesIO(b" " * (MAX_BYTES + 1)))
    assert (caught.value.status_code, caught.value.code) == (413, "body_too_large")
