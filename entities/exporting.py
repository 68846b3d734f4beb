"""A whole snapshot of the register, row by row: what an export is made of.

Rows come from a cursor of the server, in one snapshot of the database, so memory does not grow
with the register. A row says what held at ``as_of``; read back by the ingestion it asserts that
from there on, which writes nothing where it is still believed.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from core.datetimes import asked_knowledge
from core.db import clock, one_snapshot, settled_instant
from core.models.scd2.exceptions import InvalidChange
from core.registers.read.fragments import data_types
from core.rows import fetch
from entities.personal import NOTHING, Hidden, marked_now
from entities.register import ENTITIES
from entities.sources import require_known_source
from entities.sql import statement

SETTLED = "settled"
AT_A_TIME = 5_000
"""Rows fetched at a time."""
HEAD = 5
"""How many columns of a row are the entity's."""


class Exported(NamedTuple):
    """An entity; ``details`` is canonical text by code, ``masked`` the codes left out."""

    uuid: UUID
    source: str | None
    source_id: str | None
    entity_type: str
    display_name: str | None
    details: Mapping[str, str]
    masked: list[str]


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """What is exported; its instants are the basis of the answer (UTC).

    ``believed_at`` is what statements take: None for what is believed now.
    """

    as_of: datetime
    known_at: datetime
    believed_at: datetime | None
    source: str | None
    hidden: Hidden
    data_types: Mapping[str, str]

    def codes(self) -> list[str]:
        """The codes of the details that any row has."""
        return [code for (code,) in fetch(statement("export_codes"), self.parameters())]

    def rows(self) -> Iterator[Exported]:
        """Every entity that is valid, by uuid."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(statement("export"), self.parameters())
            cursor.cursor.itersize = AT_A_TIME
            for head, held in itertools.groupby(cursor, key=lambda row: row[:HEAD]):
                said = [row[HEAD:] for row in held if row[HEAD] is not None]
                details = {code: text for code, text in said if text is not None}
                masked = [code for code, text in said if text is None]
                yield Exported._make((*head, details, masked))

    def parameters(self) -> dict[str, Any]:
        instants = {"as_of": self.as_of, "known_at": self.believed_at}
        return {**instants, "source": self.source, **self.hidden.parameters()}


@contextmanager
def snapshot(
    *,
    as_of: datetime | None = None,
    known_at: datetime | date | str | None = None,
    source: str | None = None,
    mask: bool = False,
) -> Iterator[Snapshot]:
    """One snapshot of the database, as long as the block lasts.

    ``known_at``: an instant, a day (today ends now), or ``settled``. ``mask`` hides what is
    personal data. Raises NotSettled; InvalidChange for what will only be known later;
    UnknownSource.
    """
    settled = settled_instant() if known_at == SETTLED else None
    with one_snapshot():
        require_known_source(source)
        now = clock()
        believed_at = settled
        if isinstance(known_at, date):
            believed_at = asked_knowledge(known_at, now)
        if believed_at is not None and believed_at > now:
            raise InvalidChange("What will be known later is not known yet.", field="known_at")
        yield Snapshot(
            as_of=as_of or now,
            known_at=believed_at or now,
            believed_at=believed_at,
            source=source,
            hidden=marked_now() if mask else NOTHING,
            data_types=data_types(ENTITIES),
        )
