"""Files of entities a block at a time: what is right is staged by column, the rest row by row.

Every condition here is stricter than the row door, which decides on whatever is in doubt and says
why. A test holds both to the same staged rows and the same reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import compress
from typing import Any
from uuid import UUID

from core.ingest.blocks import Block
from core.ingest.door import Vouched
from core.models.scd2.change import Future
from core.models.scd2.exceptions import InvalidChange
from core.models.scd2.sheet import NULL, Field, Sheet, instant, integers, sheet, texts, uuids
from core.models.scd2.staging import PARTIAL
from core.models.scd2.versioning import Shape
from core.registers.attributes import values
from entities.catalog import KnownType
from entities.columns import (
    REMEMBERED,
    UNSAID,
    Column,
    Columns,
    Memory,
    as_texts,
    by_column,
    is_whole,
    members,
    names_in,
    or_null,
    said,
)
from entities.facts import unmatched
from entities.ingest import FIELDS, NAME, SOURCE_ID, TRACKED, UPSERT, EntityRows
from entities.models import Entity, EntityDetail
from entities.naming import entity_uuids, hash_of
from entities.services import named_uuid
from entities.validation import text_of

JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "integer": (int,),
    "boolean": (bool,),
    "decimal": (str, int),
    "json": (),
}
"""What JSON values are taken for good, by data type: strings where nothing is said here. No floats,
which have lost digits."""

Lists = Mapping[str, Sequence[Field]]


class EntityFeed(EntityRows):
    """EntityRows that vouches for blocks."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.periods = Memory(self.period_fields)
        self.hashes = Memory(started_hash)
        self.uuids = Memory(bytes_of)
        self.of_cell = {code: self.memory(code, values.from_cell) for code in self.details}
        self.of_json = {code: self.memory(code, values.to_text) for code in self.details}
        self.matched: dict[str, dict[Any, Any]] = {
            code: {} for code, known in self.details.items() if known.patterns
        }
        self.earliest = self.instant

    def memory(self, code: str, write: Any) -> Memory:
        """Canonical texts of the values of a detail; None for what is none."""

        def read(value: Any) -> str | None:
            try:
                return text_of(self.details, code, value, write)
            except InvalidChange:
                return None

        return Memory(read)

    def vouch(self, block: Block) -> Vouched:
        columns = Columns(len(block.contents))
        if self.columns:
            memories = self.of_cell
            self.take_cells(columns, block.contents)
        else:
            memories = self.of_json
            self.take_objects(columns, block.contents)
        payload = self.payload(columns)
        names, identity = self.identities(columns)
        common = self.common(columns)
        details = {
            code: self.canonical(columns, code, column, memories[code])
            for code, column in columns.details.items()
        }
        self.doubt_parts(columns, payload, details)
        self.doubt_types(columns, payload["entity_type"], details)
        keep = columns.kept()
        roots = uuids(keep(names))
        lists = {
            "ordinal": integers(keep(range(block.line, block.line + columns.size))),
            **{name: keep(column) for name, column in common.items()},
        }
        sheets = [
            *entity_sheets(
                {**lists, "uuid": roots, **{n: or_null(keep(c)) for n, c in identity.items()}},
                {name: as_texts(keep(column)) for name, column in payload.items()},
            ),
            *detail_sheets(
                {**lists, "entity_uuid": roots},
                {code: as_texts(keep(column)) for code, column in details.items()},
            ),
        ]
        return Vouched(sheets, sorted(columns.doubts))

    # Into columns

    def take_cells(self, columns: Columns, rows: Sequence[Sequence[str]]) -> None:
        """An empty cell says nothing; one that begins with a backslash may say something else."""
        for (field, code), column in zip(self.columns, by_column(rows), strict=True):
            if "\\" in "".join(said(column)):
                columns.doubt(
                    i for i, cell in enumerate(column) if cell is not UNSAID and cell[0] == "\\"
                )
            if code is None:
                columns.fields[field] = column
            else:
                columns.details[code] = column

    def take_objects(self, columns: Columns, objects: Sequence[Any]) -> None:
        rows = columns.of_types(objects, dict)
        rows = [{} if row is UNSAID else row for row in rows]
        names = names_in(rows)
        if unknown := names.difference(FIELDS):
            columns.doubt(i for i, row in enumerate(rows) if not unknown.isdisjoint(row))
        columns.fields = {name: members(rows, name) for name in names.intersection(FIELDS)}
        details = [{} if one is UNSAID else one for one in columns.field("details", dict)]
        codes = names_in(details)
        if unknown := codes.difference(self.details):
            columns.doubt(i for i, one in enumerate(details) if not unknown.isdisjoint(one))
        for code in codes.intersection(self.details):
            types = JSON_TYPES.get(self.details[code].data_type, (str,))
            columns.details[code] = columns.of_types(members(details, code), *types)

    # What is said of the entity and of all its details alike

    def identities(self, columns: Columns) -> tuple[Column, Mapping[str, Column]]:
        """The uuids as bytes, and what the anchors say besides."""
        ids = columns.names(columns.nullable("source_id"), SOURCE_ID.max_length)
        told = columns.names(columns.nullable("source"), SOURCE_ID.max_length)
        if self.source is not None:
            columns.allow(told, [self.source, UNSAID])
        elif told is not columns.unsaid:
            self.sources.update(set(told).difference([UNSAID]))
        given = columns.read(columns.nullable("uuid"), self.uuids)
        sources = [self.source if source is UNSAID else source for source in told]
        made = self.made(sources, ids)
        names = made if given is columns.unsaid else list(map(agreed, ids, told, given, made))
        columns.doubt(i for i, name in enumerate(names) if name is None)
        if all(one is UNSAID for one in ids):
            return names, {}
        named = [
            UNSAID if one is UNSAID else source for source, one in zip(sources, ids, strict=True)
        ]
        return names, {"anchor_source": named, "anchor_source_id": ids}

    def made(self, sources: Column, ids: Column) -> list[bytes | None]:
        """The uuids of what is named by its source; None where that is not certain."""
        begun = [
            None if one is UNSAID else self.hashes[source]
            for source, one in zip(sources, ids, strict=True)
        ]
        made = entity_uuids(pair for pair in zip(begun, ids, strict=True) if pair[0])
        if len(made) == len(begun):
            return list(made)
        left = iter(made)
        return [next(left) if one else None for one in begun]

    def common(self, columns: Columns) -> Mapping[str, Column]:
        """The rest, by column of the staging table."""
        columns.allow(columns.field("op", str), [UPSERT, UNSAID])
        columns.field("future")
        reasons = columns.texts(columns.nullable("reason"))
        pairs = zip(columns.nullable("valid_from"), columns.nullable("valid_to"), strict=True)
        periods = columns.read(list(pairs), self.periods)
        starts, ends, columns.begins = zip(
            *(one or (NULL, NULL, self.instant) for one in periods), strict=True
        )
        common: dict[str, Column] = {"valid_from": starts}
        if set(ends) != {NULL}:
            common["valid_to"] = ends
        if self.future not in (None, Future.KEEP):
            common["future"] = texts([self.future.value]) * columns.size
        if any(one is not UNSAID for one in reasons):
            common["reason"] = or_null(reasons)
        return common

    def period_fields(self, pair: tuple[Any, Any]) -> tuple[Field, Field, datetime] | None:
        """Start and end as fields, and the start by itself; None where that is not certain."""
        try:
            period = self.read_period(*(None if text is UNSAID else text for text in pair))
            self.future_of({}, period[1])
        except InvalidChange:
            return None
        begin = period[0] or self.instant
        self.earliest = min(self.earliest, begin)
        start, end = map(instant, period)
        return start, end, begin

    # What is said

    def payload(self, columns: Columns) -> dict[str, Column]:
        types, names = (columns.field(name, str) for name in TRACKED)
        types = columns.codes(types, {*self.types, UNSAID})
        names = columns.names(names, NAME.max_length)
        return dict(zip(TRACKED, (types, names), strict=True))

    def canonical(self, columns: Columns, code: str, column: Column, memory: Memory) -> Column:
        """The canonical texts of a detail."""
        is_text = self.details[code].data_type == "text"
        found = columns.texts(column) if is_text else columns.read(column, memory)
        if code in self.matched:
            columns.read(found, self.held_against_patterns(code, found))
        return found

    def held_against_patterns(self, code: str, found: Column) -> Mapping[Any, Any]:
        """The texts that match whatever pattern there ever is; None for one that does not."""
        known = self.matched[code]
        if len(known) > REMEMBERED:
            known.clear()
        fresh = [text for text in set(found) - known.keys() if isinstance(text, str)]
        pairs = [(pattern, text) for text in fresh for pattern in self.details[code].patterns]
        wrong = {pairs[i][1] for i in unmatched(pairs)}
        known |= {text: None if text in wrong else text for text in fresh}
        return known | {UNSAID: UNSAID, None: UNSAID}

    def doubt_parts(
        self, columns: Columns, payload: Mapping[str, Column], details: Mapping[str, Column]
    ) -> None:
        """Doubt rows that say nothing, or not all that a whole row has to say."""
        if all(map(is_whole, payload.values())):
            return
        parts = [[value is not UNSAID for value in column] for column in payload.values()]
        if self.whole:
            columns.doubt(i for i, row in enumerate(zip(*parts, strict=True)) if not all(row))
        more = ([value is not UNSAID for value in column] for column in details.values())
        columns.doubt(i for i, row in enumerate(zip(*parts, *more, strict=True)) if not any(row))

    def doubt_types(self, columns: Columns, types: Column, details: Mapping[str, Column]) -> None:
        """Doubt what is said before its type is valid, or of one that has an end or a gap."""
        if uncertain := self.uncertain(self.types):
            columns.doubt(
                i
                for i, (code, begin) in enumerate(zip(types, columns.begins, strict=True))
                if code in uncertain and is_early(begin, uncertain[code])
            )
        for code, since in self.uncertain(self.details).items():
            columns.doubt(
                i
                for i, (text, begin) in enumerate(
                    zip(details.get(code, ()), columns.begins, strict=False)
                )
                if text is not UNSAID and is_early(begin, since)
            )

    def uncertain(self, known: Mapping[str, KnownType]) -> dict[Any, datetime | None]:
        """Types that may not be valid over a period of this file, with their ``since``."""
        return {
            code: one.since for code, one in known.items() if not one.surely_holds(self.earliest)
        }


def is_early(begin: datetime, since: datetime | None) -> bool:
    return since is None or begin < since


def started_hash(source: Any) -> Any:
    """Where the names of a source begin; None for what is no name of one."""
    if source is None:
        return None
    try:
        named_uuid(None, source, "any")
    except InvalidChange:
        return None
    return hash_of(source)


def bytes_of(text: str) -> bytes | None:
    try:
        return UUID(text.strip()).bytes
    except ValueError:
        return None


def agreed(source_id: Any, source: Any, given: Any, made: bytes | None) -> bytes | None:
    """The uuid of a row that may give it itself; None where that is not certain."""
    if source_id is UNSAID:
        return given if source is UNSAID and given is not UNSAID else None
    return made if given is UNSAID or given == made else None


# Into sheets


def entity_sheets(lists: Lists, payload: Mapping[str, Column]) -> Iterator[tuple[Shape, Sheet]]:
    """One for each set of columns that rows of the block set."""
    if all(map(is_whole, payload.values())):
        yield Entity.shape, sheet({**lists, **payload})
        return
    size = len(lists["ordinal"])
    patterns = list(zip(*([v is not UNSAID for v in c] for c in payload.values()), strict=True))
    for pattern in set(patterns):
        names = [name for name, is_said in zip(TRACKED, pattern, strict=True) if is_said]
        if not names:
            continue
        here = [one == pattern for one in patterns]
        told = {**lists, **{name: payload[name] for name in names}}
        if len(names) < len(TRACKED):
            bits = sum(1 << TRACKED.index(name) for name in names)
            told |= {"kind": texts([PARTIAL]) * size, "sets": integers([bits]) * size}
        yield Entity.shape, sheet({name: compress(column, here) for name, column in told.items()})


def detail_sheets(lists: Lists, details: Mapping[str, Column]) -> Iterator[tuple[Shape, Sheet]]:
    for code, fields in details.items():
        told = {**lists, "detail_code": texts([code]) * len(fields), "value": fields}
        if not is_whole(fields):
            here = [field is not UNSAID for field in fields]
            told = {name: list(compress(column, here)) for name, column in told.items()}
        yield EntityDetail.shape, sheet(told)
