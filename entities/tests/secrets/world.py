"""A register in which some things are secret, in every place where a value can be."""

from __future__ import annotations

import dataclasses
import io
import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import connections
from django.utils import timezone

from core.ingest.kept import keep
from core.models import BatchState, IngestBatch
from core.models.scd2 import Channel, Context
from entities import services

NAMES = UUID("5a0f3c1e-5f0b-4a37-9a53-6b1d8f3f5c11")
STEWARD = Context(actor="the steward", channel=Channel.SYSTEM, reason="no secret")
PERSONAL = {
    "EMAIL": "text",
    "SALARY": "integer",
    "SHARE": "decimal",
    "VIP": "boolean",
    "BORN": "date",
    "SEEN": "datetime",
    "EXTRA": "json",
}
"""Detail types that are marked, with their data types; NOTE is not."""


@dataclasses.dataclass(frozen=True)
class Marker:
    """What to look for: a random word, and a random number for what is no text."""

    word: str = dataclasses.field(default_factory=lambda: f"xq{secrets.token_hex(8)}")
    number: int = dataclasses.field(default_factory=lambda: 10**15 + secrets.randbelow(10**15))

    def details(self, step: int) -> dict[str, Any]:
        """Secret values, others at every step."""
        return {
            "EMAIL": f"{self.word}.{step}@example.org",
            "SALARY": self.number + step,
            "SHARE": f"{self.number}.{step}1",
            "VIP": bool(step % 2),
            "BORN": f"19{60 + step}-01-01",
            "SEEN": f"2019-01-01T00:00:0{step}Z",
            "EXTRA": {"secret": [self.word, step]},
        }

    def context(self) -> Context:
        """Of a call whose reason speaks of what is secret."""
        return dataclasses.replace(STEWARD, reason=f"{self.word} told {self.number}")

    def found_in(self, text: bytes | str) -> bool:
        """Whether a secret is there, in whatever case."""
        seen = text if isinstance(text, str) else text.decode("utf-8", "replace")
        return self.word in seen.lower() or str(self.number)[:-2] in seen


def day(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def make_types() -> None:
    for code in ("PERSON", "BANK"):
        services.entity_type_create(code=code, name=code.title(), context=STEWARD)
    for code, data_type in {**PERSONAL, "NOTE": "text"}.items():
        services.detail_type_create(
            code=code, name=code.title(), data_type=data_type, context=STEWARD
        )


def mark() -> None:
    changes = {"is_pii_name": True}
    services.entity_type_update(code="PERSON", changes=changes, context=STEWARD)
    for code in PERSONAL:
        services.detail_type_update(code=code, changes={"is_pii": True}, context=STEWARD)


def make_register(marker: Marker) -> dict[str, UUID]:
    """People and banks whose secrets were opened, changed, corrected, ended and scheduled."""
    make_types()
    uuids = {name: uuid5(NAMES, name) for name in ("changed", "ended", "late", "bank", "plain")}
    for name in ("changed", "ended", "late"):
        create(uuids[name], "PERSON", f"{marker.word} {name}", marker)
    create(uuids["bank"], "BANK", "Bank with secrets", marker)
    create(uuids["plain"], "BANK", "Plain Bank", None)
    changed = uuids["changed"]
    speaking = marker.context()
    update(changed, day(2021), f"{marker.word} renamed", marker.details(2), speaking)
    update(changed, day(2020), f"{marker.word} corrected", marker.details(3), speaking)
    update(changed, day(2900), f"{marker.word} scheduled", marker.details(4), speaking)
    bank = {**dict.fromkeys(PERSONAL), "NOTE": "seen by all, too"}
    update(uuids["bank"], day(2021), "Bank without secrets", bank, speaking)
    services.entity_end(uuid=uuids["ended"], valid_from=day(2022), context=speaking)
    late = {"NOTE": "seen by all, later", **marker.details(5)}
    update(uuids["late"], day(2022), None, late, speaking)
    mark()
    return uuids


def make_batch(marker: Marker) -> int:
    """A load of which a row with secrets was rejected."""
    rejected = f'{{"line": 2, "row": "{marker.word},{marker.number}", "reason": "No."}}\n'
    batch = IngestBatch.objects.create(
        model="entities.entity",
        file="people.csv",
        options={},
        state=BatchState.DONE,
        rejected=1,
        rejects=keep("people.csv.rejects.jsonl", io.BytesIO(rejected.encode())),
        actor="the steward",
        finished_at=timezone.now(),
    )
    return batch.pk


def create(uuid: UUID, entity_type: str, name: str, marker: Marker | None) -> None:
    services.entity_create(
        uuid=uuid,
        entity_type=entity_type,
        display_name=name,
        details={"NOTE": "seen by all", **(marker.details(1) if marker else {})},
        valid_from=day(2019),
        context=marker.context() if marker else STEWARD,
    )


def update(
    uuid: UUID, start: datetime, name: str | None, details: dict[str, Any], context: Context
) -> None:
    changes = {"details": details, **({"display_name": name} if name else {})}
    services.entity_update(uuid=uuid, changes=changes, valid_from=start, context=context)


OTHERWISE = (
    """UPDATE entities_entity SET display_name = 'A' || reverse(display_name)
        WHERE entity_type = 'PERSON'""",
    """UPDATE entities_entitydetail SET value = CASE detail_code
            WHEN 'SALARY' THEN (value::bigint - 7)::text
            WHEN 'SHARE' THEN (value::numeric + 3)::text
            ELSE (value::date + 400)::text
            END WHERE detail_code IN ('SALARY', 'SHARE', 'BORN')""",
    """UPDATE entities_entitydetail SET value = CASE detail_code
            WHEN 'VIP' THEN (NOT value::boolean)::text
            WHEN 'SEEN' THEN replace(value, '2019', '2001')
            WHEN 'EXTRA' THEN '["another"]'
            ELSE 'longer by far, ' || value
            END WHERE detail_code IN ('VIP', 'SEEN', 'EXTRA', 'EMAIL')""",
    """UPDATE core_auditentry AS entry SET
            before = before || '{"value": "another", "display_name": "another"}'
                - CASE entry.model WHEN 'entities.entity' THEN 'value' ELSE 'display_name' END,
            after = after || '{"value": "another", "display_name": "another"}'
                - CASE entry.model WHEN 'entities.entity' THEN 'value' ELSE 'display_name' END
        WHERE model = 'entities.entity' AND coalesce(after, before) ->> 'entity_type' = 'PERSON'
            OR model = 'entities.entitydetail' AND natural_key ->> 'detail_code' <> 'NOTE'""",
    "UPDATE entities_entity SET reason = 'other: ' || reason WHERE reason LIKE 'xq% told %'",
    "UPDATE entities_entitydetail SET reason = 'other: ' || reason WHERE reason LIKE 'xq% told %'",
    "UPDATE core_auditentry SET reason = 'other: ' || reason WHERE reason LIKE 'xq% told %'",
    "UPDATE core_keptpiece SET content = 'another'",
)
GUARDED = ("entities_entity", "entities_entitydetail", "core_auditentry")


def other_secrets() -> None:
    """The same register, row by row and instant by instant, with other secrets in it.

    By the owner and past the guards: nothing else can make two worlds that differ in nothing else.
    """
    with connections["owner"].cursor() as cursor:
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in OTHERWISE:
            cursor.execute(statement)
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
