"""The floors: hand-written SQL over psycopg into the tables of a migrated database.

The tables, indexes and guards are those of the project, because the same migrations made them.
What a floor is spared is everything before the SQL: its files already hold the final rows, keys
and JSON included, in the order in which the tables like them best.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import psycopg

from benchmarks.workload import DETAIL_TYPES, SOURCE, Thing, Workload
from benchmarks.writes.sql import statement

BLOCK = 1 << 20
INSTANT, TXID = b"@instant", b"@txid"
"""What stands in a file for what only the transaction of its load knows."""

TABLES = ("anchors", "entities", "details", "audit")


class Floor:
    """A hand-written loader; its files are made beforehand and are not part of its time."""

    def __init__(self, workload: Workload) -> None:
        self.folder = workload.folder

    # Files

    def final(self, name: str, things: Iterable[Thing], start: str) -> dict[str, Path]:
        """Files of final rows, in key order, for ``copy_final``."""
        ordered = sorted((one.uuid, one) for one in things)
        rows: dict[str, Iterable[Iterable[Any]]] = {
            "anchors": ((uuid, SOURCE, one.source_id) for uuid, one in ordered),
            "entities": (
                (uuid, one.entity_type, one.display_name, start, "@instant", "floor")
                for uuid, one in ordered
            ),
            "details": (
                (uuid, code, value, start, "@instant", "floor")
                for uuid, one in ordered
                for code, value in zip(DETAIL_TYPES, one.details, strict=True)
            ),
            "audit": (entry for uuid, one in ordered for entry in entries(uuid, one, start)),
        }
        return {table: self.file(f"{name}-{table}", rows[table]) for table in TABLES}

    def values(self, name: str, things: Iterable[Thing]) -> dict[str, Path]:
        """Files of keys and values, in the order of the feed, for ``stage``."""
        listed = [(one.uuid, one) for one in things]
        return {
            "entities": self.file(
                f"{name}-entities",
                ((uuid, one.entity_type, one.display_name) for uuid, one in listed),
            ),
            "details": self.file(
                f"{name}-details",
                (
                    (uuid, code, value)
                    for uuid, one in listed
                    for code, value in zip(DETAIL_TYPES, one.details, strict=True)
                ),
            ),
        }

    def file(self, name: str, rows: Iterable[Iterable[Any]]) -> Path:
        path = self.folder / f"{name}.copy"
        with path.open("w", encoding="utf-8") as file:
            file.writelines("\t".join(map(str, row)) + "\n" for row in rows)
        return path


def entries(uuid: Any, one: Thing, start: str) -> Iterable[Iterable[Any]]:
    """The audit entries of an entity that is opened with its details."""
    common = ("@instant", "@instant", "@txid", "floor", "ingest")
    key, after = (
        {"uuid": str(uuid)},
        {"entity_type": one.entity_type, "display_name": one.display_name},
    )
    yield *common, "entities.entity", uuid, dump(key), start, dump(after), "opened"
    for code, value in zip(DETAIL_TYPES, one.details, strict=True):
        key = {"entity_uuid": str(uuid), "detail_code": code}
        yield (
            *common,
            "entities.entitydetail",
            uuid,
            dump(key),
            start,
            dump({"value": value}),
            "opened",
        )


def dump(value: Mapping[str, Any]) -> str:
    return orjson.dumps(value).decode()


# The work that is timed


def copy_final(url: str, files: Mapping[str, Path]) -> None:
    """COPY final rows, anchors and audit entries into the indexed tables."""
    with psycopg.connect(url) as connection:
        instant, txid = connection.execute(statement("begin")).fetchone()  # type: ignore[misc]
        for table, path in files.items():
            copy(connection, f"copy_{table}", path, instant, txid)


def copy(
    connection: psycopg.Connection[Any],
    name: str,
    path: Path,
    instant: datetime | None = None,
    txid: str = "",
) -> None:
    with connection.cursor().copy(statement(name)) as to, path.open("rb") as file:
        while block := file.read(BLOCK):
            if instant is not None:
                block += file.readline()  # so that no placeholder is cut in two
                block = block.replace(INSTANT, instant.isoformat().encode())
                block = block.replace(TXID, txid.encode())
            to.write(block)


def compare(connection: psycopg.Connection[Any], files: Mapping[str, Path]) -> None:
    """COPY keys and values into staging, then one hash anti-join a table."""
    stage(connection, files)
    for name in ("changed_entities", "changed_details"):
        connection.execute(statement(name))


def stage(connection: psycopg.Connection[Any], files: Mapping[str, Path]) -> None:
    connection.execute(statement("stage"))
    for table in ("entities", "details"):
        copy(connection, f"stage_{table}", files[table])
    connection.execute("ANALYZE staged_entity")
    connection.execute("ANALYZE staged_detail")


def load_again(url: str, files: Mapping[str, Path]) -> None:
    with psycopg.connect(url) as connection:
        compare(connection, files)


def load_day(url: str, files: Mapping[str, Path], start: str) -> None:
    """COPY, anti-join, UPDATE, INSERT, with the audit entries of what changed."""
    with psycopg.connect(url) as connection:
        compare(connection, files)
        write(connection, ("forward_entities", "forward_details"), start)


def correct(url: str, files: Mapping[str, Path], start: str) -> None:
    """COPY the corrections; UPDATE and INSERT the rows, with the audit entries."""
    with psycopg.connect(url) as connection:
        stage(connection, files)
        write(connection, ("correct_entities", "correct_details"), start)


def write(connection: psycopg.Connection[Any], names: Iterable[str], start: str) -> None:
    instant, _ = connection.execute(statement("begin")).fetchone()  # type: ignore[misc]
    for name in names:
        connection.execute(statement(name), {"start": start, "instant": instant})
