"""Rows many at a time: what a format finds nothing wrong with in a whole block of lines.

A block is only ever an earlier way to the same rows: whatever there is any doubt about comes from
the readers that take one row after the other, and so do all reasons.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

import orjson

from core.ingest.delimited import COMMAS, Dialect, Header, is_blank, read_csv
from core.ingest.jsonl import read_jsonl, read_line
from core.ingest.lines import LINE_LIMIT, Lines, is_too_long
from core.ingest.rows import Empty, Reject, Row

SPACED_NAME = re.compile(rb'"[ \t\r]+:')
"""The name of a member with white space before its colon: rare, and not to be counted by it."""
NAME = b'":'


class Block(NamedTuple):
    """Rows on lines that follow each other, the first of them on ``line``.

    ``contents``: cells by position, or objects; None where there is no row or a doubtful one.
    ``again`` gives the row on a line as its reader does, None for a blank one.
    """

    line: int
    raw: Sequence[Any]
    contents: Sequence[Any]
    again: Callable[[int, Any], Row | Reject | None]

    def row(self, position: int) -> Row | Reject | None:
        return self.again(self.line + position, position)


def csv_blocks(
    name: str, lines: Lines, header: Header, dialect: Dialect = COMMAS
) -> Iterator[Block | list[Row | Reject]]:
    """As ``read_csv``. A block with a single row that is no good comes row by row.

    A row of empty cells is in a block: it names nothing, so nobody vouches for it.
    """
    columns: list[str] = []

    def take_header(cells: list[str]) -> None:
        header(cells)
        columns.extend(cells)

    rows = read_csv(name, lines, take_header, dialect)
    yield list(islice(rows, 1))  # the header stands before the first row
    while content := lines.block():
        block = csv_block(lines.number + 1, content, len(columns), dialect.separator)
        if block is None or ends_too_long(content):
            yield from rest_of_block(lines, rows)
        else:
            lines.take(len(block.raw))
            yield block


def csv_block(line: int, content: bytes, width: int, separator: str = ",") -> Block | None:
    """The block, if each line of it is a row."""
    try:
        texts = split(content.decode(), "\n")
        cells = list(csv.reader(texts, strict=True, delimiter=separator))
    except (UnicodeDecodeError, csv.Error):
        return None
    if len(cells) != len(texts) or set(map(len, cells)) != {width} or b"\0" in content:
        return None

    def again(number: int, position: int) -> Row | None:
        if is_blank(cells[position]):
            return None
        return Row(number, texts[position].rstrip("\r"), cells[position])

    return Block(line, texts, cells, again)


def jsonl_blocks(name: str, lines: Lines) -> Iterator[Block | list[Row | Reject]]:
    """As ``read_jsonl``."""
    rows = read_jsonl(name, lines)
    blank = True
    while content := lines.block():
        blank = blank and not content.strip()
        if ends_too_long(content):
            yield from rest_of_block(lines, rows)
            continue
        block = jsonl_block(lines.number + 1, content)
        lines.take(len(block.raw))
        yield block
    if blank:
        raise Empty(f"{name} is empty.")


def jsonl_block(line: int, content: bytes) -> Block:
    raw = split(content, b"\n")
    objects = read_objects(raw)
    if SPACED_NAME.search(content) or content.count(NAME) != count_names(objects):
        objects = [
            None if SPACED_NAME.search(line) or line.count(NAME) != count_names([value]) else value
            for line, value in zip(raw, objects, strict=True)
        ]

    def again(number: int, position: int) -> Row | Reject | None:
        return read_line(number, raw[position]) if raw[position].strip() else None

    return Block(line, raw, objects, again)


def read_objects(raw: Sequence[bytes]) -> list[Any]:
    """The objects; None for what is none."""
    try:
        values = list(map(orjson.loads, raw))
    except orjson.JSONDecodeError:
        values = list(map(read_object, raw))
    return [value if type(value) is dict else None for value in values]


def read_object(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


def count_names(values: Sequence[Any]) -> int:
    """How many members objects and the objects in them have. One that is given twice is one."""
    count, objects = 0, [value for value in values if value is not None]
    while objects:
        count += sum(map(len, objects))
        inner = chain.from_iterable(map(dict.values, objects))
        objects = [value for value in inner if type(value) is dict]
    return count


def rest_of_block(lines: Lines, rows: Iterator[Row | Reject]) -> Iterator[list[Row | Reject]]:
    """The rows that begin in the block, and perhaps the one after."""
    found: list[Row | Reject] = []
    while lines.holds and (row := next(rows, None)):
        found.append(row)
    yield found


def ends_too_long(content: bytes) -> bool:
    return len(content) > LINE_LIMIT and is_too_long(content[content.rfind(b"\n", 0, -1) + 1 :])


def split(content: Any, end: Any) -> list[Any]:
    """The lines without their ends; after the last end there is none."""
    lines: list[Any] = content.split(end)
    if not lines[-1]:
        lines.pop()
    return lines
