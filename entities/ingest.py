"""Rows of files as changes of entities and of their details."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple
from uuid import UUID

from core.datetimes import read_end, read_start
from core.ingest.asked import Asked, Mode
from core.ingest.door import Door, Items
from core.ingest.full import DEFAULT_LIMIT, Full
from core.ingest.rows import Unreadable
from core.models.scd2.change import Future
from core.models.scd2.exceptions import BatchRefused, InvalidChange, Scd2Error
from core.models.scd2.instruction import Instruction
from core.models.scd2.payload import clean
from core.models.scd2.staging import Load
from core.registers.attributes import values
from core.registers.cells import unescaped
from core.registers.sources import begun_sources
from entities.catalog import Catalog
from entities.cleaning import (
    clean_details,
    clean_identifier,
    clean_identity,
    clean_payload,
    read_uuid,
    reason_in,
    text_in,
)
from entities.facts import facts_of, unfit, unfit_since
from entities.headers import COLUMNS, Column, column_of
from entities.models import Entity, EntityAnchor, EntityDetail
from entities.naming import entity_uuid
from entities.register import ENTITIES
from entities.services import matching, named_uuid
from entities.validation import (
    check_entity_type,
    checked_value,
    text_of,
)

FIELDS = (*COLUMNS, "details", "future")
IDENTITY = ("uuid", "source", "source_id")
UPSERT, END = "upsert", "end"
FUTURES = [future.value for future in Future]
NOT_NULL = ("op", *Entity.shape.tracked, "details", "future")

NAME: Any = Entity._meta.get_field("display_name")
SOURCE_ID: Any = EntityAnchor._meta.get_field("source_id")
TRACKED = Entity.shape.tracked
VALUE = 0
"""The position of a detail's value among its tracked columns."""

NOTHING: Mapping[str, Any] = {}

Period = tuple[datetime | None, datetime | None]


class Common(NamedTuple):
    """What a row says of the entity and of all its details alike."""

    line: int
    uuid: UUID
    start: datetime | None
    end: datetime | None
    future: Future
    reason: str | None
    identity: Mapping[str, Any]

    def entity(self, sets: Mapping[int, Any] | None) -> Instruction:
        """Columns by position: an assertion, whole if they are all there; None ends it."""
        partial = sets is not None and len(sets) < len(TRACKED)
        return self.instruction((self.uuid,), sets, partial, self.identity)

    def detail(self, code: str, text: str | None) -> Instruction:
        """An assertion of a detail; None ends it."""
        return self.instruction((self.uuid, code), None if text is None else {VALUE: text})

    def instruction(
        self,
        key: tuple[Any, ...],
        sets: Mapping[int, Any] | None,
        partial: bool = False,
        identity: Mapping[str, Any] = NOTHING,
    ) -> Instruction:
        return Instruction(
            self.line, key, self.start, self.end, self.future, sets, partial, self.reason, identity
        )


class EntityRows(Door):
    """Rows of entities; types are those that are known when it is made.

    ``source`` names the feed whose ``source_id`` the rows carry; ``new_source``: it may look like
    another one that is known. ``effective`` is the ``valid_from`` of rows without one, None the
    instant of the load, which ``system_time`` sets for a backfill. ``future`` is that of rows
    without one; None is ``keep``, and said it contradicts a ``valid_to``. ``whole``: a row says all
    of its entity; ``timelines``: the rows of an entity all of its timeline. ``inclusive_ends``: a
    bare date in ``valid_to`` is the last day.
    """

    shape = Entity.shape

    @classmethod
    def asked(cls, asked: Asked) -> EntityRows:
        return cls(
            source=asked.source,
            effective=asked.effective,
            future=asked.future,
            whole=asked.mode is Mode.FULL or asked.whole_timelines,
            timelines=asked.whole_timelines,
            inclusive_ends=asked.inclusive_ends,
            new_source=asked.new_source,
            system_time=asked.system_time,
        )

    @classmethod
    def full(cls, asked: Asked) -> Full | None:
        if asked.mode is Mode.DELTA:
            return None
        if asked.source is None:
            raise InvalidChange(
                "--mode full needs the --source of which the file is all there is.", field="source"
            )
        return Full(
            scope={"source": asked.source},
            effective=asked.effective,
            future=asked.future or Future.KEEP,
            limit=asked.max_ended or DEFAULT_LIMIT,
            corrected=asked.max_corrected or DEFAULT_LIMIT,
        )

    def __init__(
        self,
        *,
        source: str | None,
        effective: datetime | None,
        future: Future | None = None,
        whole: bool = False,
        timelines: bool = False,
        inclusive_ends: bool = False,
        new_source: bool = True,
        system_time: datetime | None = None,
    ) -> None:
        if source is not None:
            source = clean_identifier(source, "source")
            named_uuid(None, source, "any")
        self.source = source
        self.may_be_new = new_source
        self.sources: set[str] = set() if source is None else {source}
        self.effective = effective
        self.future = future
        self.whole = whole
        self.timelines = timelines
        self.read_end = partial(read_end, inclusive=inclusive_ends)
        self.catalog = Catalog.read()
        self.types, self.details = self.catalog.entity_types, self.catalog.detail_types
        self.instant = system_time or self.catalog.instant
        self.columns: list[Column] = []
        self.period = lru_cache(10_000)(self.read_period)

    def new_sources(self) -> list[str]:
        """Raises LooksLikeSource unless a new source may look like a known one."""
        return begun_sources(ENTITIES, self.sources, may_be_near=self.may_be_new)

    # CSV

    def header(self, columns: Sequence[str]) -> None:
        self.columns = [column_of(name, self.details) for name in columns]
        if not {"uuid", "source_id"} & set(columns):
            raise Unreadable("The header has neither uuid nor source_id, so no row has a name.")

    def refuse_nameless(self, fields: Collection[str]) -> None:
        if self.source is None and set(IDENTITY).intersection(fields) == {"source_id"}:
            raise InvalidChange(
                "The rows are named by source_id alone: say the source of the file.",
                field="source",
            )

    def from_cells(self, line: int, cells: Sequence[str]) -> Items:
        row: dict[str, Any] = {}
        details: dict[str, str | None] = {}
        for (field, code), cell in zip(self.columns, cells, strict=True):
            if not cell:
                continue
            text = unescaped(cell) if cell[0] == "\\" else cell
            if code is None:
                row[field] = text
            elif text is None:
                details[code] = None
            else:
                details[code] = text_of(self.details, code, text, values.from_cell)
        return self.items(line, row, details)

    # JSONL

    def from_object(self, line: int, value: Mapping[str, Any]) -> Items:
        for name in value:
            if name not in FIELDS:
                raise InvalidChange(f"There is no field {name!r}.", field=name)
        given = value.get("details", {})
        if not isinstance(given, Mapping):
            raise InvalidChange("Expected an object of values by code.", field="details")
        given = clean_details(given)
        details = {code: checked_value(self.details, code, given[code]) for code in given}
        return self.items(line, value, details)

    # Both

    def items(self, line: int, row: Mapping[str, Any], details: Mapping[str, str | None]) -> Items:
        uuid, identity = self.identity(row)
        for name in NOT_NULL:
            if name in row and row[name] is None:
                raise InvalidChange("It cannot be null.", field=name)
        payload = clean_payload({name: row[name] for name in TRACKED if name in row})
        start, end = self.period(text_in(row, "valid_from"), text_in(row, "valid_to"))
        future = self.future_of(row, end)
        common = Common(line, uuid, start, end, future, reason_in(row), identity)
        if ends(row):
            refuse_content(payload, details)
            return {Entity.shape: [common.entity(None)]}
        if not payload and not details:
            raise InvalidChange("The row says nothing about the entity.")
        if self.whole:
            refuse_part(payload)
        return {
            Entity.shape: [common.entity(self.sets(payload))] if payload else [],
            EntityDetail.shape: [common.detail(code, text) for code, text in details.items()],
        }

    def roots(self, content: Sequence[str] | Mapping[str, Any]) -> set[UUID]:
        """By its uuid, and by its source_id, whether or not they agree."""
        row = content if isinstance(content, Mapping) else self.named_cells(content)
        found: set[UUID] = set()
        with suppress(InvalidChange):
            found.update(filter(None, [read_uuid(row.get("uuid"))]))
        with suppress(InvalidChange):
            found.add(self.identity({**row, "uuid": None})[0])
        return found

    def named_cells(self, cells: Sequence[str]) -> dict[str, Any]:
        """What a row of a CSV is named by."""
        return {
            column.field: unescaped(cell)
            for column, cell in zip(self.columns, cells, strict=False)
            if column.field in IDENTITY and cell
        }

    def identity(self, row: Mapping[str, Any]) -> tuple[UUID, Mapping[str, Any]]:
        """The uuid and what the anchor says besides. Raises InvalidChange."""
        uuid = read_uuid(row.get("uuid"))
        source, source_id = clean_identity(row.get("source"), row.get("source_id"))
        if source is not None and self.source is not None and source != self.source:
            raise InvalidChange(f"The file's source is {self.source}.", field="source")
        if source_id is None:
            if source is not None:
                raise InvalidChange("A source needs a source_id.", field="source_id")
            return self.nameless(row) if uuid is None else uuid, {}
        source = source or self.source
        if source is None:
            raise InvalidChange("A source_id needs the source of the file.", field="source_id")
        identity = {"source": source, "source_id": source_id}
        self.sources.add(source)
        return self.named(uuid, source, source_id), identity

    def nameless(self, row: Mapping[str, Any]) -> UUID:
        """The uuid of a row that names nothing. Raises InvalidChange: a file is loaded again."""
        raise InvalidChange("The row has neither a uuid nor a source_id.")

    def named(self, uuid: UUID | None, source: str, source_id: Any) -> UUID:
        """As ``named_uuid``, for many of one source. Raises InvalidChange."""
        if source != self.source:
            return named_uuid(uuid, source, source_id)
        return matching(entity_uuid(source, clean(SOURCE_ID, source_id)), uuid)

    def sets(self, payload: Mapping[str, Any]) -> Mapping[int, Any]:
        """The columns by position. Raises InvalidChange."""
        if "entity_type" in payload:
            check_entity_type(payload["entity_type"], self.types)
        if "display_name" in payload:
            payload = {**payload, "display_name": clean(NAME, payload["display_name"])}
        return {TRACKED.index(name): value for name, value in payload.items()}

    def read_period(self, valid_from: str | None, valid_to: str | None) -> Period:
        """The row's period, with the default start. Raises InvalidChange."""
        start = read_instant("valid_from", valid_from, read_start) or self.effective
        end = read_instant("valid_to", valid_to, self.read_end)
        if self.timelines and start is None:
            raise InvalidChange("A row of a whole timeline needs its start.", field="valid_from")
        if end is not None and start is not None and end <= start:
            raise InvalidChange("valid_to must be later than valid_from.", field="valid_to")
        return start, end

    def future_of(self, row: Mapping[str, Any], end: datetime | None) -> Future:
        """How far the row reaches. Raises InvalidChange."""
        given = row.get("future", self.future or Future.KEEP)
        if self.timelines and "future" in row:
            raise InvalidChange(
                "A row of a whole timeline reaches to the next row of its thing.", field="future"
            )
        if given not in FUTURES:
            raise InvalidChange(f"Expected one of {', '.join(FUTURES)}.", field="future")
        if end is not None and (self.future is not None or "future" in row):
            raise InvalidChange(
                f"It says how far the row reaches, and so does future={given}.", field="valid_to"
            )
        return Future(given)

    def misfits(self, rows: Sequence[Items]) -> dict[int, Scd2Error]:
        """By types that are not valid over the period of a row, and by patterns."""
        errors = unfit(self.catalog, facts_of(rows), self.instant)
        return dict(reversed(errors))  # the first of a row counts

    def check(self, load: Load, instant: datetime) -> None:
        """Raises BatchRefused for what types that have changed meanwhile do not admit.

        The anchors of the types are locked, so this is the last word.
        """
        if refused := unfit_since(self.catalog, Catalog.read(), load, instant):
            raise BatchRefused(refused)


def ends(row: Mapping[str, Any]) -> bool:
    op = row.get("op", UPSERT)
    if op not in (UPSERT, END):
        raise InvalidChange(f"Expected {UPSERT} or {END}.", field="op")
    return bool(op == END)


def refuse_content(payload: Mapping[str, Any], details: Mapping[str, Any]) -> None:
    for name in itertools.chain(payload, details):
        raise InvalidChange(f"A row that ends an entity cannot say its {name}.", field=name)


def refuse_part(payload: Mapping[str, Any]) -> None:
    for name in TRACKED:
        if name not in payload:
            raise InvalidChange(
                f"A row of a full file is the whole of its entity and needs its {name}.", field=name
            )


def read_instant(
    name: str, text: str | None, read: Callable[[str], datetime | None]
) -> datetime | None:
    """The instant of a field that is given. Raises InvalidChange."""
    if text is None:
        return None
    try:
        return read(text)
    except ValueError as error:
        raise InvalidChange(str(error), field=name) from error
