"""A Change that contradicts itself is refused before anything else is looked at."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from core.models.scd2.change import Change, Future
from core.models.scd2.exceptions import InvalidChange
from core.models.scd2.instruction import Instruction, instruction, instructions
from core.tests.doors import apply_changes
from core.tests.harbour.models import Cargo, Vessel
from core.tests.models.scd2.port import PLAIN, TESTER, hoist_flags, year

KEY = {"uuid": uuid.UUID(int=1)}
WHOLE = {"name": "Fram", "flag": "NO", **PLAIN}


def refused(change: Change, model: Any = Vessel) -> tuple[str, str]:
    with pytest.raises(InvalidChange) as caught:
        instruction(model.shape, 0, change)
    return str(caught.value), caught.value.field


def made(**given: Any) -> Instruction:
    return instruction(Vessel.shape, 3, Change(**{"key": KEY, "payload": WHOLE, **given}))


def test_a_whole_change_sets_every_column_by_position() -> None:
    item = made(valid_from=year(2000), valid_to=year(2010), reason="why", identity={"a": 1})
    assert item == Instruction(
        ordinal=3,
        key=(uuid.UUID(int=1),),
        start=year(2000),
        end=year(2010),
        future=Future.KEEP,
        sets={0: "Fram", 1: "NO", 2: None, 3: None, 4: None, 5: None},
        partial=False,
        reason="why",
        identity={"a": 1},
    )


def test_a_partial_change_sets_what_it_names() -> None:
    item = made(payload={"tonnage": "1.50", "name": "x"}, partial=True)
    assert item.sets == {0: "x", 2: Decimal("1.50")}


def test_a_retraction_sets_nothing() -> None:
    assert made(payload=None).sets is None


def test_keys_are_made_what_the_columns_hold() -> None:
    item = made(key={"uuid": str(uuid.UUID(int=1))})
    assert item.key == (uuid.UUID(int=1),)


def test_changes_are_numbered_in_the_order_given() -> None:
    found = instructions(Vessel.shape, [Change(KEY, WHOLE), Change(KEY, None)])
    assert [(item.ordinal, item.sets is None) for item in found] == [(0, False), (1, True)]


def test_instants_become_utc() -> None:
    noon = datetime(2000, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert made(valid_from=noon).start == datetime(2000, 1, 1, 10, tzinfo=UTC)
    assert made(valid_from=noon).start.tzinfo is UTC  # type: ignore[union-attr]


@pytest.mark.parametrize("future", [Future.OVERWRITE, Future.REJECT, "overwrite", "reject"])
def test_a_reach_and_an_end_contradict_each_other(future: Any) -> None:
    change = Change(KEY, WHOLE, year(2000), year(2001), future)
    assert refused(change)[1] == "future"


def test_there_is_no_partial_retraction() -> None:
    assert refused(Change(KEY, None, partial=True))[1] == "partial"


END_OF_TIME = [
    datetime(9999, 12, 31, tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
    datetime(9999, 12, 31, tzinfo=timezone(timedelta(hours=14))),
    datetime(9999, 12, 30, 23, tzinfo=timezone(timedelta(hours=-1))),
]


@pytest.mark.parametrize("value", END_OF_TIME)
def test_the_end_of_time_is_no_end(value: datetime) -> None:
    assert made(valid_from=year(2000), valid_to=value).end is None
    assert made(valid_to=value, future=Future.REJECT) == made(future=Future.REJECT)
    assert made(payload=None, valid_to=value).end is None


def test_the_day_before_is_an_end() -> None:
    end = datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=UTC)
    assert made(valid_to=end).end == end


@pytest.mark.parametrize("value", END_OF_TIME)
def test_nothing_starts_at_the_end_of_time(value: datetime) -> None:
    assert refused(Change(KEY, WHOLE, value)) == (
        "valid_from must be earlier than 9999-12-31, which means no end.",
        "valid_from",
    )


@pytest.mark.parametrize("name", ["valid_from", "valid_to"])
@pytest.mark.parametrize(
    ("value", "because"),
    [
        (datetime(2000, 1, 1), "needs a time zone"),  # noqa: DTZ001
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=1))), "out of range"),
    ],
)
def test_instants_are_aware_and_finite(name: str, value: datetime, because: str) -> None:
    message, field = refused(Change(KEY, WHOLE, **{name: value}))  # type: ignore[arg-type]
    assert field == name
    assert because in message


@pytest.mark.parametrize(
    "key",
    [
        {},
        {"uuid": uuid.UUID(int=1), "name": "x"},
        {"vessel_uuid": uuid.UUID(int=1)},
    ],
)
def test_a_key_is_named_whole(key: dict[str, Any]) -> None:
    assert refused(Change(key, WHOLE)) == ("The natural key of harbour.vessel is uuid.", "")


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ({"vessel_uuid": None, "hold_code": "AFT"}, "vessel_uuid"),
        ({"vessel_uuid": "no uuid", "hold_code": "AFT"}, "vessel_uuid"),
        ({"vessel_uuid": uuid.UUID(int=1), "hold_code": None}, "hold_code"),
        ({"vessel_uuid": uuid.UUID(int=1), "hold_code": "a\x00b"}, "hold_code"),
    ],
)
def test_a_key_fits_its_columns(key: dict[str, Any], field: str) -> None:
    assert refused(Change(key, None), Cargo)[1] == field


@pytest.mark.parametrize(
    ("payload", "partial", "field", "message"),
    [
        ({**WHOLE, "colour": "red"}, False, "colour", "harbour.vessel does not track colour."),
        ({"colour": "red"}, True, "colour", "harbour.vessel does not track colour."),
        ({**WHOLE, "uuid": KEY["uuid"]}, False, "uuid", "harbour.vessel does not track uuid."),
        ({**WHOLE, "valid_to": None}, False, "valid_to", "harbour.vessel does not track valid_to."),
        ({"name": "Fram"}, False, "flag", "harbour.vessel needs flag."),
        ({}, False, "name", "harbour.vessel needs name."),
        ({}, True, "", "A partial change names at least one column."),
        ({**WHOLE, "name": None}, False, "name", "name: a value is needed."),
        ({"name": None}, True, "name", "name: a value is needed."),
    ],
)
def test_a_payload_names_what_is_tracked(
    payload: dict[str, Any], partial: bool, field: str, message: str
) -> None:
    assert refused(Change(KEY, payload, partial=partial)) == (message, field)


def test_a_period_is_not_empty() -> None:
    for end in (year(2000), year(1999)):
        message, field = refused(Change(KEY, WHOLE, year(2000), end))
        assert (message, field) == ("valid_to must be later than valid_from.", "valid_to")


def test_a_start_left_out_is_the_instant() -> None:
    step = made(valid_to=year(2021)).step(year(2020))
    assert (step.start, step.end) == (year(2020), year(2021))
    with pytest.raises(InvalidChange, match="valid_to must be later"):
        made(valid_to=year(2020)).step(year(2020))


@pytest.mark.django_db
@pytest.mark.parametrize("fast_paths", [None, True, False])
def test_nothing_is_written_of_a_batch_with_such_a_change(fast_paths: bool | None) -> None:
    """The end has passed by the time the instant stands in for the start."""
    hoist_flags()
    passed = Change(KEY, WHOLE, valid_to=year(2000))
    fine = Change({"uuid": uuid.UUID(int=2)}, WHOLE, year(2000))
    with pytest.raises(InvalidChange, match="valid_to must be later") as caught:
        apply_changes([(Vessel, [fine, passed])], TESTER, fast_paths=fast_paths)
    assert caught.value.field == "valid_to"
    assert not Vessel.objects.exists()
