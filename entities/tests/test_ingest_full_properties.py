"""Random full files, one after the other, against the naive model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from core.ingest.full import Full, Limit
from core.ingest.loading import Loading
from core.ingest.rejects import Rejects
from core.ingest.source import Source
from core.models.scd2.change import Change, Future, Result, Stretch
from core.models.scd2.exceptions import BatchRefused, Conflict
from core.models.scd2.staging import Load
from core.tests.models.scd2.history import rolled_back
from core.tests.models.scd2.stored import Wanted, wanted_rows
from core.tests.oracle import Batch, Oracle, Shape, Thing, value_at
from entities.ingest import EntityRows
from entities.models import Entity, EntityDetail
from entities.naming import entity_uuid
from entities.tests.conftest import ADA, day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("types")]

ENTITY = Shape("Entity", ("uuid",), ("entity_type", "display_name"))
DETAIL = Shape(
    "Detail", ("entity_uuid", "detail_code"), ("value",), container=ENTITY, via="entity_uuid"
)
MODELS: dict[Shape, Any] = {ENTITY: Entity, DETAIL: EntityDetail}
IDS = ("A", "B", "C")
CODES = ("NOTE", "EXTRA")
GRID = [day(year) for year in (2000, 2004, 2008, 2012, 2060, 2080)]
NO_BRAKE = Limit(Decimal(100), is_percentage=True)

Said = dict[str, Any]
starts = st.sampled_from([None, None, *GRID])


@st.composite
def rows(draw: st.DrawFn) -> Said:
    said: Said = {"source_id": draw(st.sampled_from(IDS))}
    start = draw(starts)
    if start:
        said["valid_from"] = start
    if draw(st.integers(0, 5)) == 0:
        return said | {"op": "end"}
    ends = [end for end in GRID if end > (start or GRID[-1])]
    if ends and draw(st.integers(0, 3)) == 0:
        said["valid_to"] = draw(st.sampled_from(ends))
    codes = draw(st.sets(st.sampled_from(CODES)))
    details = {code: draw(st.sampled_from(["x", "y"])) for code in sorted(codes)}
    name = draw(st.sampled_from(["One", "Two"]))
    return said | {"entity_type": "BANK", "display_name": name, "details": details}


@st.composite
def files(draw: st.DrawFn) -> tuple[datetime, Future, list[Said]]:
    """When it is effective, how far it reaches, and its rows."""
    future = draw(st.sampled_from([Future.KEEP, Future.KEEP, Future.OVERWRITE, Future.REJECT]))
    named_once = (lambda row: row["source_id"]) if draw(st.booleans()) else None
    said = draw(st.lists(rows(), max_size=4, unique_by=named_once))
    if future is not Future.KEEP:
        said = [row for row in said if "valid_to" not in row]
    return draw(st.sampled_from(GRID[1:5])), future, said


def uuid_of(row: Said) -> UUID:
    return entity_uuid("feed", row["source_id"])


def changes_of(oracle: Oracle, effective: datetime, future: Future, said: Sequence[Said]) -> Batch:
    """What the file means, as literally as possible."""
    entities, details = [], []
    for row in said:
        uuid = uuid_of(row)
        start, end = row.get("valid_from", effective), row.get("valid_to")
        whole = {name: row[name] for name in ENTITY.tracked} if "op" not in row else None
        entities.append(Change({"uuid": uuid}, whole, start, end, future))
        for code in CODES if whole else ():
            held = row["details"].get(code)
            key = {"entity_uuid": uuid, "detail_code": code}
            text = json.dumps(held) if code == "EXTRA" else held
            value = None if held is None else {"value": text}
            details.append(Change(key, value, start, end, future))
    named = {uuid_of(row) for row in said}
    for name in IDS:
        uuid = entity_uuid("feed", name)
        timeline = oracle.world.get(Thing(ENTITY, (uuid,)), {})
        if uuid not in named and value_at(timeline, effective):
            entities.append(Change({"uuid": uuid}, None, effective, None, future))
    return [(ENTITY, entities), (DETAIL, details)]


def load_file(path: Path, effective: datetime, future: Future) -> tuple[Result | None, int]:
    """What the load did, and how many rows it rejected."""
    given = None if future is Future.KEEP else future
    door = EntityRows(source="feed", effective=effective, future=given, whole=True)
    full = Full({"source": "feed"}, effective, future, NO_BRAKE, NO_BRAKE)
    with Rejects(None, lambda text: None) as rejects, Load(Entity.shape) as load:
        loading = Loading(door, Source(str(path), form="jsonl"), "jsonl", rejects, full)
        loading.stage(load, lambda read: None)
        result = loading.apply(load, ADA, strict=False, dry_run=False, done=lambda result: None)
    return result, rejects.count


def live() -> Wanted:
    found: Wanted = {}
    for shape, model in MODELS.items():
        for row in model.objects.live().values():
            thing = Thing(shape, tuple(row[part] for part in shape.key))
            payload = {name: row[name] for name in shape.tracked}
            found[thing, row["valid_from"]] = (row["valid_to"], payload)
    return found


def as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@given(told=st.lists(files(), min_size=1, max_size=4))
def test_full_files(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[datetime, Future, list[Said]]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "full.jsonl"
    oracle = Oracle()
    with rolled_back():
        for effective, future, said in told:
            path.write_text("".join(json.dumps(row, default=as_text) + "\n" for row in said))
            batch = changes_of(oracle, effective, future, said)
            try:
                oracle.apply(batch, effective, Stretch(effective, None))
            except Conflict:
                event("refused")
                assert refuses(path, effective, future)
                return
            result, rejected = load_file(path, effective, future)
            assert (rejected, live()) == (0, wanted_rows(oracle.world))
            again, _ = load_file(path, effective, future)
            assert again is not None
            assert again.instant is None
            event("wrote" if result and result.instant else "nothing to do")


def refuses(path: Path, effective: datetime, future: Future) -> bool:
    """Whether some row is rejected, or the whole for something missing that cannot be ended."""
    try:
        return load_file(path, effective, future)[1] > 0
    except (Conflict, BatchRefused):
        return True
