"""JSON Lines into rows."""

import pytest

from core.ingest.jsonl import read_jsonl
from core.ingest.rows import Reject, Row, Unreadable


def read(*lines: bytes) -> list[Row | Reject]:
    return list(read_jsonl("file", iter(enumerate(lines, 1))))


def test_objects_with_their_lines() -> None:
    assert read(b'{"a": 1}\r\n', b"\n", '{"b": "\u00e4"}'.encode()) == [
        Row(1, '{"a": 1}', {"a": 1}),
        Row(3, '{"b": "ä"}', {"b": "ä"}),
    ]


def test_whole_numbers_of_any_size_stay_what_they_are() -> None:
    assert read(b'{"a": 123456789012345678901234567890}')[0] == Row(
        1, '{"a": 123456789012345678901234567890}', {"a": 123456789012345678901234567890}
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"[1]", "The line is not a JSON object."),
        (b'{"a": }', "The line is not JSON at column 7: Expecting value."),
        (b'{"a": "\xff"}', "The line is not UTF-8 at byte 7."),
        (b'{"a": 1, "a": 2}', "'a' is given twice in one object."),
        (b'{"a": Infinity}', "Infinity is not a number in JSON."),
        (b'{"a": 1e999}', "1e999 is too great a number; send it as a string."),
        (b'{"a": ' + b"[" * 100_000, "It is nested more than 64 levels deep."),
        (
            b'{"details": {"EMAIL": "\\ud800"}}',
            "details.EMAIL has half of a surrogate pair (\\ud800), which is not a character.",
        ),
    ],
)
def test_lines_that_are_none(line: bytes, reason: str) -> None:
    assert read(line, b'{"b": 1}') == [
        Reject(1, line.decode(errors="backslashreplace"), reason),
        Row(2, '{"b": 1}', {"b": 1}),
    ]


def test_nothing_but_blanks_is_an_empty_file() -> None:
    with pytest.raises(Unreadable, match="file is empty"):
        read(b"\n", b" \n")
