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
from entities.exporting import Exported, Snapshot
from entities.headers import DETAIL
from entities.ingest import IDENTITY, escaped

COLUMNS = (*IDENTITY, "entity_type", "display_name", "valid_from")
BARE = ("integer", "boolean", "json")
"""Data types whose canonical text is the JSON itself."""
ROW_GROUP = 20_000


class MissingLibrary(Exception):
    """A format needs a library that is not installed; one sentence says which."""


class Writer(ABC):
    """Writes all rows of a snapshot to a binary file."""

    def __init__(self, file: IO[bytes], snapshot: Snapshot, *, defused: bool = False) -> None:
        self.file = file
        self.snapshot = snapshot
        self.defused = defused

    @abstractmethod
    def write(self, rows: Iterable[Exported]) -> int:
        """Returns how many."""


class Jsonl(Writer):
    """One object a line, as the ingestion reads it; ``masked`` where something is hidden."""

    def write(self, rows: Iterable[Exported]) -> int:
        count = 0
        start = to_json(self.snapshot.as_of)
        for row in rows:
            count += 1
            said = {
                "uuid": row.uuid,
                "source": row.source,
                "source_id": row.source_id,
                "entity_type": row.entity_type,
                "display_name": row.display_name,
                "valid_from": start,
                "details": {code: self.value(code, text) for code, text in row.details.items()},
            }
            if row.masked:
                said["masked"] = row.masked
            self.file.write(orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE))
        return count

    def value(self, code: str, text: str) -> Any:
        bare = self.snapshot.data_types.get(code) in BARE
        return orjson.Fragment(text) if bare else text


class Csv(Writer):
    """A header and a column for every detail that somebody holds.

    Exact, so that it reads back as it was; ``defused`` puts an apostrophe before what a
    spreadsheet would take for a formula, and such a file is for people alone.
    """

    def write(self, rows: Iterable[Exported]) -> int:
        count = 0
        codes, start = self.snapshot.codes(), to_json(self.snapshot.as_of)
        text = io.TextIOWrapper(self.file, "utf-8", newline="", write_through=False)
        table = csv.writer(text, lineterminator="\r\n")
        table.writerow([*COLUMNS, *(DETAIL + code for code in codes)])
        for row in rows:
            count += 1
            said = (str(row.uuid), row.source, row.source_id, row.entity_type, row.display_name)
            cells = map(escaped, (*said, start, *map(row.details.get, codes)))
            table.writerow(map(defused, cells) if self.defused else cells)
        text.flush()
        text.detach()
        return count


class Parquet(Writer):
    """A typed column for every detail that somebody holds; decimals and JSON as text."""

    def write(self, rows: Iterable[Exported]) -> int:
        pa, parquet = library("pyarrow"), library("pyarrow.parquet")
        codes, count = self.snapshot.codes(), 0
        types = {code: self.snapshot.data_types.get(code, "text") for code in codes}
        fields = [(name, pa.string()) for name in COLUMNS[:-1]]
        fields.append((COLUMNS[-1], pa.timestamp("us", tz="UTC")))
        fields += [(DETAIL + code, arrow_type(pa, types[code])) for code in codes]
        schema = pa.schema(fields)
        with parquet.ParquetWriter(self.file, schema) as file:
            for piece in pieces(rows):
                cells = [self.cells(row, types) for row in piece]
                table = pa.table(list(map(list, zip(*cells, strict=True))), schema=schema)
                file.write_table(table)
                count += len(piece)
        return count

    def cells(self, row: Exported, types: dict[str, str]) -> list[Any]:
        head = (str(row.uuid), row.source, row.source_id, row.entity_type, row.display_name)
        held = (typed(types[code], row.details.get(code)) for code in types)
        return [*head, self.snapshot.as_of, *held]


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
