"""CSV into rows."""

import pytest

from core.ingest.delimited import read_csv
from core.ingest.rows import Reject, Row, Unreadable


def read(*lines: bytes) -> tuple[list[str], list[Row | Reject]]:
    """The columns, and the rows."""
    columns: list[str] = []
    rows = list(read_csv("file", iter(enumerate(lines, 1)), columns.extend))
    return columns, rows


def test_rows_say_where_they_begin_and_how_they_were_written() -> None:
    columns, rows = read(b"a,b\r\n", b"\r\n", b'1,"x\r\n', b'y"\r\n', b"2,\r\n")

    assert columns == ["a", "b"]
    assert rows == [
        Row(3, '1,"x\r\ny"', ["1", "x\r\ny"]),
        Row(5, "2,", ["2", ""]),
    ]


def test_a_row_that_is_torn_does_not_take_the_next_one_along() -> None:
    _, rows = read(b"a,b\n", b'1,"x"y\n', b"2\n", b"3,\xff\n", b"4,z\n")

    assert rows == [
        Reject(2, '1,"x"y', "The row is not CSV: ',' expected after '\"'."),
        Reject(3, "2", "The row has 1 cells, the header 2 columns."),
        Reject(4, "3,\\xff", "The row is not UTF-8."),
        Row(5, "4,z", ["4", "z"]),
    ]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([b"\n"], "file is empty."),
        ([b"a,b,a\n"], "file: the column 'a' stands twice in the header."),
        ([b"\xff\n"], "file: the header is not UTF-8. Say its --encoding, such as cp1252."),
        ([b"a,,b\n"], "file: column 2 of the header has no name."),
        ([b'"a"b\n'], "file: the header is not CSV: ',' expected after '\"'."),
        ([b"a\n", b'"x\n', b"y\n"], "file: a quotation mark in line 2 is never closed."),
    ],
)
def test_what_no_row_can_be_found_in(lines: list[bytes], sentence: str) -> None:
    with pytest.raises(Unreadable) as error:
        read(*lines)

    assert str(error.value) == sentence


def test_only_a_header_is_a_file_without_rows() -> None:
    assert read(b"a,b\n") == (["a", "b"], [])
