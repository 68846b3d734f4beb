"""An export as a file: JSON Lines, CSV, Parquet."""

from __future__ import annotations

import csv
import importlib
import io
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import IO, Any

import orjson

from core.files import defused
from core.models.scd2.payload import to_json
from core.registers.cells import escaped
from core.registers.export.snapshot import (
    Exported,
    Snapshot,
    content_columns,
    exported_columns,
)

DETAIL = "detail:"
BARE = ("integer", "boolean", "json")
"""Data types whose canonical text is the JSON itself."""
KINDS = {"bigint": "integer", "boolean": "boolean", "date": "date", "timestamptz": "datetime"}
"""The data type that shows a column, by its SQL type; of any other, text."""
ROW_GROUP = 20_000


class MissingLibrary(Exception):
    """A format needs a library that is not installed; one sentence says which."""


class Writer(ABC):
    """Writes all rows of a snapshot to a binary file."""

    def __init__(self, file: IO[bytes], snapshot: Snapshot, *, defused: bool = False) -> None:
        self.file = file
        self.snapshot = snapshot
        self.defused = defused
        self.columns = exported_columns(snapshot.register)

    @abstractmethod
    def write(self, rows: Iterable[Exported]) -> int:
        """Returns how many."""

    def header(self) -> list[tuple[str, str]]:
        """The columns of a table with their data types."""
        snapshot, shape = self.snapshot, self.snapshot.register.shape
        own = [(name, KINDS.get(shape.types.get(name, "text"), "text")) for name in self.columns]
        types = snapshot.data_types
        details = [(DETAIL + code, types.get(code, "text")) for code in snapshot.codes()]
        contents = [
            (f"{name}:{key}:{column}", KINDS.get(model.shape.types[column], "text"))
            for model, name, column in content_columns(snapshot.register)
            for key in snapshot.keys(model)
        ]
        return [*own, ("valid_from", "datetime"), *details, *contents]

    def texts(self, row: Exported) -> dict[str, str | None]:
        """The cells of a row as canonical texts, by the name of the column."""
        cells = {name: text_of(value) for name, value in row.values.items()}
        cells["valid_from"] = to_json(self.snapshot.as_of)
        cells |= {DETAIL + code: text for code, text in row.details.items()}
        for name, held in row.contents.items():
            for key, columns in held.items():
                for column, value in columns.items():
                    cells[f"{name}:{key}:{column}"] = text_of(value)
        return cells


def text_of(value: Any) -> str | None:
    """The canonical text of a value of a column."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(to_json(value))


class Jsonl(Writer):
    """One object a line, as the ingestion reads it; ``masked`` where something is hidden."""

    def write(self, rows: Iterable[Exported]) -> int:
        count = 0
        start = to_json(self.snapshot.as_of)
        has_details = self.snapshot.register.attributes is not None
        for row in rows:
            count += 1
            thing = {name: to_json(value) for name, value in row.values.items()}
            thing["valid_from"] = start
            if has_details:
                thing["details"] = {c: self.value(c, text) for c, text in row.details.items()}
            thing |= row.contents
            if row.masked:
                thing["masked"] = row.masked
            self.file.write(orjson.dumps(thing, option=orjson.OPT_APPEND_NEWLINE))
        return count

    def value(self, code: str, text: str) -> Any:
        bare = self.snapshot.data_types.get(code) in BARE
        return orjson.Fragment(text) if bare else text


class Csv(Writer):
    """A header and a column for everything contained that somebody holds.

    Exact, so that it reads back as it was; ``defused`` puts an apostrophe before what a
    spreadsheet would take for a formula, and such a file is for people alone.
    """

    def write(self, rows: Iterable[Exported]) -> int:
        count = 0
        names = [name for name, _ in self.header()]
        text = io.TextIOWrapper(self.file, "utf-8", newline="", write_through=False)
        table = csv.writer(text, lineterminator="\r\n")
        table.writerow(names)
        for row in rows:
            count += 1
            cells = map(escaped, map(self.texts(row).get, names))
            table.writerow(map(defused, cells) if self.defused else cells)
        text.flush()
        text.detach()
        return count


class Parquet(Writer):
    """A typed column for everything that somebody holds; decimals and JSON as text."""

    def write(self, rows: Iterable[Exported]) -> int:
        pa, parquet = library("pyarrow"), library("pyarrow.parquet")
        header, count = self.header(), 0
        schema = pa.schema([(name, arrow_type(pa, kind)) for name, kind in header])
        with parquet.ParquetWriter(self.file, schema) as file:
            for piece in pieces(rows):
                cells = [self.cells(row, header) for row in piece]
                table = pa.table(list(map(list, zip(*cells, strict=True))), schema=schema)
                file.write_table(table)
                count += len(piece)
        return count

    def cells(self, row: Exported, header: Iterable[tuple[str, str]]) -> list[Any]:
        texts = self.texts(row)
        return [typed(kind, texts.get(name)) for name, kind in header]


def pieces(rows: Iterable[Exported]) -> Iterable[list[Exported]]:
    piece: list[Exported] = []
    for row in rows:
        piece.append(row)
        if len(piece) == ROW_GROUP:
            yield piece
            piece = []
    if piece:
        yield piece


def library(name: str) -> Any:
    """Raises MissingLibrary."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingLibrary(
            "Parquet needs pyarrow, which is not installed: "
            "pip install --require-hashes -r requirements-parquet.lock"
        ) from error


def arrow_type(pa: Any, data_type: str) -> Any:
    known = {
        "integer": pa.int64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "datetime": pa.timestamp("us", tz="UTC"),
    }
    return known.get(data_type, pa.string())


def typed(data_type: str, text: str | None) -> Any:
    """A canonical text as Parquet's type of it."""
    if text is None:
        return None
    if data_type == "integer":
        return int(text)
    if data_type == "boolean":
        return text == "true"
    if data_type == "date":
        return date.fromisoformat(text)
    if data_type == "datetime":
        return datetime.fromisoformat(text).astimezone(UTC)
    return text


FORMATS: dict[str, type[Writer]] = {"jsonl": Jsonl, "csv": Csv, "parquet": Parquet}
