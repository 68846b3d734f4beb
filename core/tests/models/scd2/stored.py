"""What the tables hold about some vessels, and what may become of it in one call."""

from __future__ import annotations

import dataclasses
import itertools
import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.models import AuditEntry
from core.models.scd2.change import Outcome
from core.tests.harbour.models import Cargo, Vessel, VesselAnchor
from core.tests.oracle import Entry, Payload, Shape, Thing, World, shortest
from core.tests.strategies import CARGO, VESSEL

MODELS: dict[Shape, Any] = {VESSEL: Vessel, CARGO: Cargo}
LABELS = {"harbour.vessel": VESSEL, "harbour.cargo": CARGO}

Row = Mapping[str, Any]
Period = tuple[datetime, datetime | None]
Wanted = dict[tuple[Thing, datetime], tuple[datetime | None, Payload]]


def thing_of(shape: Shape, row: Mapping[str, Any]) -> Thing:
    return Thing(shape, tuple(row[part] for part in shape.key))


def payload_of(shape: Shape, row: Row) -> Payload:
    return {column: row[column] for column in shape.tracked}


def wanted_rows(world: World) -> Wanted:
    """The shortest description of all timelines."""
    return {
        (thing, start): (end, payload)
        for thing, timeline in world.items()
        for start, end, payload in shortest(timeline)
    }


def without(row: Row, *columns: str) -> dict[str, Any]:
    """A row but for what may change with a close or a supersede."""
    ignored = {"updated_at", "is_current", *columns}
    return {column: value for column, value in row.items() if column not in ignored}


@dataclasses.dataclass(frozen=True)
class Stored:
    """All rows of some vessels and their holds, their anchors, and all entries about them."""

    rows: dict[tuple[Shape, int], Row]
    entries: dict[int, Row]
    anchors: set[uuid.UUID]

    @classmethod
    def of(cls, vessels: Iterable[uuid.UUID]) -> Stored:
        uuids = list(vessels)
        rows: dict[tuple[Shape, int], Row] = {}
        for shape, model in MODELS.items():
            found = model.objects.filter(**{f"{shape.key[0]}__in": uuids}).values()
            rows |= {(shape, row["id"]): row for row in found}
        entries = AuditEntry.objects.filter(uuid__in=uuids).values()
        anchors = VesselAnchor.objects.filter(uuid__in=uuids).values_list("uuid", flat=True)
        return cls(rows, {entry["id"]: entry for entry in entries}, set(anchors))

    def live(self) -> list[tuple[Shape, Row]]:
        return [(shape, row) for (shape, _), row in self.rows.items() if row["system_to"] is None]

    def assert_follows(
        self, before: Stored, wanted: Wanted, instant: datetime | None
    ) -> dict[Thing, Outcome]:
        """These rows are what one call may make of those before it; what it did to each thing."""
        done: dict[Thing, Outcome] = {}
        for place, row in self.rows.items():
            thing = thing_of(place[0], row)
            old = before.rows.get(place)
            step = moved(thing, old, row, wanted, instant) if old else opened(row, instant)
            if step.wrote:
                done[thing] = done.get(thing, Outcome()) + step
        assert before.rows.keys() <= self.rows.keys()
        self.assert_described(wanted)
        self.assert_sound()
        return done

    def assert_described(self, wanted: Wanted) -> None:
        """The live rows are the shortest description, no more and no less."""
        live = {
            (thing_of(shape, row), row["valid_from"]): (row["valid_to"], payload_of(shape, row))
            for shape, row in self.live()
        }
        assert live == wanted
        assert len(live) == len(self.live())

    def assert_sound(self) -> None:
        """What must hold of rows whatever was said, without asking the oracle."""
        timelines: dict[Thing, list[Row]] = {}
        for shape, row in self.live():
            timelines.setdefault(thing_of(shape, row), []).append(row)
        for thing, rows in timelines.items():
            rows.sort(key=lambda row: row["valid_from"])
            assert_shortest(rows)
            if thing.container:
                assert_within(rows, timelines.get(thing.container, []))
        self.assert_derived()

    def assert_derived(self) -> None:
        """Flags and hashes: current is live and open; equal hashes are equal payloads."""
        hashes: dict[tuple[Shape, bytes], Payload] = {}
        payloads: dict[tuple[Any, ...], bytes] = {}
        for (shape, _), row in self.rows.items():
            assert row["is_current"] == (row["system_to"] is None and row["valid_to"] is None)
            digest, payload = bytes(row["hash_diff"]), payload_of(shape, row)
            assert hashes.setdefault((shape, digest), payload) == payload
            assert payloads.setdefault((shape, *payload.values()), digest) == digest

    def assert_audited(
        self, before: Stored, expected: list[Entry], instant: datetime | None
    ) -> None:
        """One entry for each period over which a timeline changed, and no other."""
        assert {key: self.entries[key] for key in before.entries} == before.entries
        new = [entry for key, entry in self.entries.items() if key not in before.entries]
        assert all(entry["instant"] == instant for entry in new)
        assert all((entry["actor"], entry["channel"]) == ("tester", "system") for entry in new)
        found = sorted((said_by(entry) for entry in new), key=repr)
        assert found == sorted((expected_of(entry) for entry in expected), key=repr)


def opened(row: Row, instant: datetime | None) -> Outcome:
    assert (row["system_from"], row["system_to"], row["closed_at"]) == (instant, None, None)
    return Outcome(opened=1)


def moved(thing: Thing, old: Row, row: Row, wanted: Wanted, instant: datetime | None) -> Outcome:
    """A row stays, is closed once or is superseded once, and which of them is no choice."""
    assert without(row, "valid_to", "closed_at", "system_to") == without(
        old, "valid_to", "closed_at", "system_to"
    )
    end, payload = wanted.get((thing, old["valid_from"]), (None, None))
    kept = old["system_to"] is None and payload == payload_of(thing.shape, old)
    instants = (row["valid_to"], row["closed_at"], row["system_to"])
    unmoved = (old["valid_to"], old["closed_at"], old["system_to"])
    if old["system_to"] is not None or (kept and end == old["valid_to"]):
        assert row == old
        return Outcome()
    if kept and old["valid_to"] is None:
        assert instants == (end, instant, None)
        return Outcome(closed=1)
    assert instants == (*unmoved[:2], instant)
    return Outcome(superseded=1)


def assert_shortest(rows: list[Row]) -> None:
    for one, following in itertools.pairwise(rows):
        assert one["valid_to"] is not None
        assert one["valid_to"] <= following["valid_from"]
        if one["valid_to"] == following["valid_from"]:
            assert one["hash_diff"] != following["hash_diff"]


def assert_within(rows: list[Row], containers: list[Row]) -> None:
    """Each row lies within versions of its container that follow each other without a gap."""
    for row in rows:
        reached = row["valid_from"]
        for container in sorted(containers, key=lambda found: found["valid_from"]):
            covers = container["valid_from"] <= reached
            if covers and (container["valid_to"] is None or container["valid_to"] > reached):
                reached = container["valid_to"]
                if reached is None:
                    break
        assert reached is None or (row["valid_to"] is not None and row["valid_to"] <= reached)
        assert reached != row["valid_from"]


def said_by(entry: Row) -> tuple[Any, ...]:
    """A stored entry in the words of the oracle."""
    shape = LABELS[entry["model"]]
    key = tuple(parsed(part, entry["natural_key"][part]) for part in shape.key)
    assert entry["uuid"] == key[0]
    return (
        shape.label,
        key,
        entry["valid_from"],
        entry["valid_to"],
        parsed_payload(shape, entry["before"]),
        parsed_payload(shape, entry["after"]),
        entry["action"],
    )


def expected_of(entry: Entry) -> tuple[Any, ...]:
    """An expected entry, its payloads as a comparison of texts wants them."""
    before, after = (spelt(entry.thing.shape, side) for side in (entry.before, entry.after))
    period = (entry.valid_from, entry.valid_to)
    return (entry.thing.shape.label, entry.thing.key, *period, before, after, entry.action)


READERS: dict[str, Any] = {
    "uuid": uuid.UUID,
    "vessel_uuid": uuid.UUID,
    "tonnage": Decimal,
    "weight": Decimal,
    "launched": date.fromisoformat,
    "inspected_at": datetime.fromisoformat,
}


def parsed(column: str, value: Any) -> Any:
    """A value from JSON; decimals travel as texts, so that none loses a digit."""
    return READERS[column](value) if column in READERS and value is not None else value


def parsed_payload(shape: Shape, payload: Payload | None) -> Any:
    if payload is None:
        return None
    assert payload.keys() == set(shape.tracked)
    return spelt(shape, {column: parsed(column, value) for column, value in payload.items()})


def spelt(shape: Shape, payload: Payload | None) -> Any:
    """Equal values, however written, as one and the same text."""
    if payload is None:
        return None
    return tuple(one_text(payload[column]) for column in shape.tracked)


def one_text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return str(value.timestamp())
    return repr(value)
