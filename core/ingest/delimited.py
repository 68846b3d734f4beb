"""CSV in UTF-8 with a header line: commas, double quotation marks, any end of line."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator

from core.ingest.lines import LINE_LIMIT, is_too_long
from core.ingest.rows import Empty, Reject, Row, Unreadable

Header = Callable[[list[str]], None]


class Tape:
    """Lines as text for the CSV reader; remembers those of the record that it is reading."""

    def __init__(self, name: str, lines: Iterator[tuple[int, bytes]]) -> None:
        self.name = name
        self.lines = lines
        self.taken: list[str] = []
        self.start = 0
        self.sound = True

    def __iter__(self) -> Iterator[str]:
        for number, line in self.lines:
            if is_too_long(line):
                raise Unreadable(f"{self.name}: line {number} is longer than {LINE_LIMIT} bytes.")
            text = self.decode(line)
            if not self.taken:
                self.start = number
            self.taken.append(text)
            yield text

    def decode(self, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.sound = False
            return line.decode(errors="backslashreplace")

    def begin(self) -> None:
        """Forget the last record; ``start`` becomes the line on which the next one begins."""
        self.taken.clear()
        self.sound = True

    @property
    def text(self) -> str:
        return "".join(self.taken).rstrip("\r\n")


def read_csv(
    name: str, lines: Iterator[tuple[int, bytes]], header: Header
) -> Iterator[Row | Reject]:
    """The rows, blank ones left out; ``header`` is told the columns and may raise Unreadable.

    Raises Unreadable for a header or a quotation that cannot be made sense of.
    """
    tape = Tape(name, lines)
    csv.field_size_limit(LINE_LIMIT)
    reader = csv.reader(tape, strict=True)
    width = 0
    while True:
        tape.begin()
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            yield torn(tape, error, in_header=not width)
            continue
        if is_blank(cells):
            continue
        if not width:
            width = read_header(tape, cells, header)
            continue
        yield checked(tape, cells, width)
    if not width:
        raise Empty(f"{name} is empty.")


def is_blank(cells: list[str]) -> bool:
    """Whether nothing stands in a row: spreadsheets end files with lines of separators."""
    return not any(map(str.strip, cells))


def read_header(tape: Tape, cells: list[str], header: Header) -> int:
    """The number of columns. Raises Unreadable."""
    if not tape.sound:
        raise Unreadable(f"{tape.name}: the header is not UTF-8.")
    for position, column in enumerate(cells):
        if column in cells[:position]:
            raise Unreadable(f"{tape.name}: the column {column!r} stands twice in the header.")
    header(cells)
    return len(cells)


def checked(tape: Tape, cells: list[str], width: int) -> Row | Reject:
    if not tape.sound:
        return Reject(tape.start, tape.text, "The row is not UTF-8.")
    if len(cells) != width:
        return Reject(
            tape.start, tape.text, f"The row has {len(cells)} cells, the header {width} columns."
        )
    return Row(tape.start, tape.text, cells)


def torn(tape: Tape, error: csv.Error, in_header: bool) -> Reject:
    """A record that is no CSV. Raises Unreadable where the next one cannot be found."""
    if "unexpected end of data" in str(error) or "field limit" in str(error):
        raise Unreadable(f"{tape.name}: a quotation mark in line {tape.start} is never closed.")
    if in_header:
        raise Unreadable(f"{tape.name}: the header is not CSV: {error}.")
    return Reject(tape.start, tape.text, f"The row is not CSV: {error}.")
