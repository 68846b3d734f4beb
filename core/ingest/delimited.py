"""CSV in UTF-8 with a header line: one separator, double quotation marks, LF or CRLF."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from typing import NamedTuple

from core.ingest.lines import LINE_LIMIT, is_too_long
from core.ingest.rows import Empty, Reject, Row, Unreadable

Header = Callable[[list[str]], None]
SEPARATORS = ",;\t"
"""Those that are recognised by the header; any other has to be said."""
OTHERS = "|^~:"
LOOKED_AT = 20
"""Rows among which the header is looked for if the first is none."""
INVISIBLE = "\ufeff\u200b"


class Dialect(NamedTuple):
    """How a file is written. ``encoding`` is what it was in before it became UTF-8."""

    separator: str = ","
    encoding: str = "UTF-8"


COMMAS = Dialect()


def separator_of(header: bytes) -> str:
    """The separator by which a header has the most cells."""
    text = header.decode(errors="replace")

    def cells(separator: str) -> int:
        try:
            return len(next(csv.reader([text], delimiter=separator), ()))
        except csv.Error:
            return 0

    return max(SEPARATORS, key=cells)


class Tape:
    """Lines as text for the CSV reader; remembers those of the record that it is reading."""

    def __init__(
        self, name: str, lines: Iterator[tuple[int, bytes]], dialect: Dialect = COMMAS
    ) -> None:
        self.dialect = dialect
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
    name: str,
    lines: Iterator[tuple[int, bytes]],
    header: Header,
    dialect: Dialect = COMMAS,
) -> Iterator[Row | Reject]:
    """The rows, blank ones left out; ``header`` is told the columns and may raise Unreadable.

    Raises Unreadable for a header or a quotation that cannot be made sense of.
    """
    tape = Tape(name, lines, dialect)
    csv.field_size_limit(LINE_LIMIT)
    reader = csv.reader(tape, strict=True, delimiter=dialect.separator)
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
            width = read_header(tape, cells, header, reader)
            continue
        yield checked(tape, cells, width)
    if not width:
        raise Empty(f"{name} is empty.")


def is_blank(cells: list[str]) -> bool:
    """Whether nothing stands in a row: spreadsheets end files with lines of separators."""
    return not any(map(str.strip, cells))


def read_header(tape: Tape, given: list[str], header: Header, rows: Iterator[list[str]]) -> int:
    """The number of columns. Raises Unreadable."""
    if not tape.sound:
        raise Unreadable(
            f"{tape.name}: the header is not {tape.dialect.encoding}. Say its --encoding, such as "
            "cp1252."
        )
    cells = [column_name(cell) for cell in given]
    try:
        refuse_columns(tape, cells)
        header(cells)
    except Unreadable as error:
        raise better_reason(tape, cells, rows) or error from None
    return len(cells)


def column_name(cell: str) -> str:
    """A cell of the header without what stands around it and cannot be seen."""
    return cell.strip().strip(INVISIBLE).strip()


def refuse_columns(tape: Tape, cells: list[str]) -> None:
    """Raises Unreadable for a column without a name, or one that stands twice."""
    for position, column in enumerate(cells):
        if not column:
            raise Unreadable(f"{tape.name}: column {position + 1} of the header has no name.")
        if column in cells[:position]:
            raise Unreadable(f"{tape.name}: the column {column!r} stands twice in the header.")


def better_reason(tape: Tape, cells: list[str], rows: Iterator[list[str]]) -> Unreadable | None:
    """What is wrong with the file rather than with one column of its header, if that is clear."""
    first = tape.start
    if len(cells) == 1:
        for separator in OTHERS:
            if is_header([column_name(part) for part in cells[0].split(separator)]):
                return Unreadable(
                    f"{tape.name}: the header is one cell. If its separator is {separator}, say "
                    f"--delimiter '{separator}'."
                )
    if is_header(cells):
        return None
    for _ in range(LOOKED_AT):
        tape.begin()
        try:
            row = next(rows)
        except (StopIteration, csv.Error, Unreadable):
            return None
        if is_header([column_name(cell) for cell in row]):
            return Unreadable(
                f"{tape.name}: line {first} is not the header, which stands in line {tape.start}. "
                "Remove the lines above it."
            )
    return None


def is_header(cells: list[str]) -> bool:
    return not {"uuid", "source_id"}.isdisjoint(cells)


def checked(tape: Tape, cells: list[str], width: int) -> Row | Reject:
    if not tape.sound:
        return Reject(tape.start, tape.text, f"The row is not {tape.dialect.encoding}.")
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
