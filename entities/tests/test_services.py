"""Entities through their services: what is written, what is left alone, what is refused."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from core.models import AuditEntry
from core.models.scd2 import Channel, Context, Future, Outcome
from core.models.scd2.exceptions import (
    InvalidChange,
    LaterChange,
    NamedOtherwise,
    NothingToAmend,
    OutsideLifetime,
)
from entities import services
from entities.exceptions import (
    Exists,
    NotFound,
    SeveralInvalid,
    UnknownDetail,
    UnknownType,
    ValueDoesNotFit,
)
from entities.models import Entity, EntityAnchor, EntityDetail
from entities.naming import entity_uuid
from entities.selectors import entity_snapshot, valid_periods
from entities.tests.conftest import ADA, create, day, update

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("types")]

ONE = UUID("00000000-0000-0000-0000-000000000001")
DETAILS = {"EMAIL": "a@example.org", "EMPLOYEES": 12}


def rows() -> int:
    return int(Entity.objects.count() + EntityDetail.objects.count() + AuditEntry.objects.count())


def details(uuid: Any, as_of: Any = None) -> dict[str, Any]:
    snapshot = entity_snapshot(uuid, as_of=as_of)
    assert snapshot is not None
    return dict(snapshot["details"])


# Creation


def test_a_new_entity_has_its_details_and_one_instant() -> None:
    written = create("Alpha", details=DETAILS)
    assert written.created
    assert written.outcome == Outcome(opened=3)
    assert isinstance(written.uuid, UUID)
    entity = Entity.objects.get(uuid=written.uuid)
    assert (entity.entity_type, entity.display_name) == ("BANK", "Alpha")
    assert (entity.valid_from, entity.valid_to) == (day(2020), None)
    assert (entity.actor, entity.actor_id, entity.reason) == ("ada", 1, "by hand")
    found = EntityDetail.objects.filter(entity_uuid=written.uuid)
    assert {row.detail_code: row.value for row in found} == {
        "EMAIL": "a@example.org",
        "EMPLOYEES": "12",
    }
    assert {row.system_from for row in found} == {entity.system_from} == {written.instant}


def test_without_a_start_it_begins_at_the_instant_of_the_call() -> None:
    written = create(valid_from=None)
    assert Entity.objects.get(uuid=written.uuid).valid_from == written.instant


def test_whoever_creates_without_a_name_creates_every_time() -> None:
    one, other = create("Alpha"), create("Alpha")
    assert one.created
    assert other.created
    assert one.uuid != other.uuid


def test_a_feed_names_an_entity() -> None:
    written = create(source="register", source_id="1")
    assert written.uuid == entity_uuid("register", "1")
    anchor = EntityAnchor.objects.get(uuid=written.uuid)
    assert (anchor.source, anchor.source_id) == ("register", "1")


def test_its_uuid_may_stand_beside_the_name() -> None:
    uuid = entity_uuid("register", "1")
    assert create(source="register", source_id="1", uuid=uuid).uuid == uuid
    with pytest.raises(InvalidChange, match=str(uuid)) as error:
        create(source="register", source_id="1", uuid=ONE)
    assert error.value.field == "uuid"


@pytest.mark.parametrize(
    ("named", "field"),
    [
        ({"source": "register"}, "source_id"),
        ({"source_id": "1"}, "source"),
        ({"source": "", "source_id": "1"}, "source"),
        ({"source": "a", "source_id": " "}, "source_id"),
        ({"source": "a\nb", "source_id": "1"}, "source"),
        ({"source": "a", "source_id": "1" * 201}, "source_id"),
        ({"source": "a", "source_id": 1}, "source_id"),
    ],
)
def test_a_name_is_given_whole_and_is_one_line(named: dict[str, Any], field: str) -> None:
    before = rows()
    with pytest.raises(InvalidChange) as error:
        create(**named)
    assert error.value.field == field
    assert rows() == before


@pytest.mark.parametrize("named", [{"uuid": ONE}, {"source": "register", "source_id": "1"}])
def test_what_is_so_already_is_left_alone(named: dict[str, Any]) -> None:
    create(details=DETAILS, **named)
    before = rows()
    for period in ({}, {"valid_from": day(2021)}, {"valid_to": day(2022)}, {"valid_from": None}):
        again = create(details=DETAILS, **named, **period)
        assert not again.created
        assert again.outcome == Outcome(unchanged=3)
        assert again.instant is None
    assert create(**named).outcome == Outcome(unchanged=1)
    assert rows() == before


@pytest.mark.parametrize(
    "otherwise",
    [
        {"display_name": "Beta"},
        {"entity_type": "PERSON"},
        {"details": {"EMPLOYEES": 13}},
        {"details": {"NOTE": "new"}},
        {"valid_from": day(2019)},
        {"valid_from": day(2019), "valid_to": day(2019, 6)},
    ],
)
def test_what_exists_otherwise_is_refused(otherwise: dict[str, Any]) -> None:
    create(uuid=ONE, details=DETAILS)
    before = rows()
    said = {"display_name": "Alpha", "entity_type": "BANK", "valid_from": day(2020), **otherwise}
    with pytest.raises(Exists) as error:
        services.entity_create(uuid=ONE, context=ADA, **said)
    assert error.value.key == {"uuid": ONE}
    assert rows() == before


def test_what_holds_for_a_part_of_the_period_is_not_so_already() -> None:
    create(uuid=ONE, valid_to=day(2022))
    with pytest.raises(Exists):
        create(uuid=ONE, valid_from=day(2021))
    assert create(uuid=ONE, valid_from=day(2021), valid_to=day(2022)).outcome == Outcome(
        unchanged=1
    )


def test_what_is_scheduled_to_change_is_not_so_already() -> None:
    create(uuid=ONE)
    update(ONE, day(2900), display_name="Beta")
    with pytest.raises(Exists):
        create(uuid=ONE)


def test_what_ended_may_begin_again_and_the_gap_stays() -> None:
    create(uuid=ONE, details=DETAILS, valid_to=day(2021))
    written = create("Beta", uuid=ONE, valid_from=day(2023))
    assert written.created
    assert written.outcome == Outcome(opened=1)
    assert valid_periods(ONE) == [(day(2020), day(2021)), (day(2023), None)]
    assert details(ONE, day(2020, 6)) == DETAILS
    assert details(ONE, day(2024)) == {}


def test_a_null_detail_of_a_new_entity_is_none() -> None:
    written = create(details={"EMAIL": None, "EMPLOYEES": 1})
    assert details(written.uuid) == {"EMPLOYEES": 1}


def test_a_uuid_that_stands_for_a_feeds_name_is_not_taken_over() -> None:
    create(uuid=entity_uuid("register", "1"))
    with pytest.raises(NamedOtherwise):
        create(source="register", source_id="1")
    assert EntityAnchor.objects.get().source is None


# What is wrong with what is said


@pytest.mark.parametrize(
    ("said", "error", "field"),
    [
        ({"entity_type": "NONE"}, UnknownType, "entity_type"),
        ({"entity_type": None}, UnknownType, "entity_type"),
        ({"display_name": ""}, InvalidChange, "display_name"),
        ({"display_name": " \t"}, InvalidChange, "display_name"),
        ({"display_name": "a\nb"}, InvalidChange, "display_name"),
        ({"display_name": "a" * 501}, InvalidChange, "display_name"),
        ({"display_name": 12}, InvalidChange, "display_name"),
        ({"display_name": None}, InvalidChange, "display_name"),
        ({"details": {"NONE": 1}}, UnknownDetail, "details.NONE"),
        ({"details": {"EMPLOYEES": "12"}}, ValueDoesNotFit, "details.EMPLOYEES"),
        ({"details": {"EQUITY": 1.5}}, ValueDoesNotFit, "details.EQUITY"),
        ({"details": {"EMAIL": "nobody"}}, ValueDoesNotFit, "details.EMAIL"),
        ({"details": {"EMAIL": "a@b\n"}}, ValueDoesNotFit, "details.EMAIL"),
        ({"details": {"EMAIL": "a" * 1000 + "@b"}}, ValueDoesNotFit, "details.EMAIL"),
        ({"valid_to": day(2020)}, InvalidChange, "valid_to"),
        ({"valid_from": day(2020).replace(tzinfo=None)}, InvalidChange, "valid_from"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    said: dict[str, Any], error: type[InvalidChange], field: str
) -> None:
    before = rows()
    with pytest.raises(error) as raised:
        services.entity_create(
            **{
                "entity_type": "BANK",
                "display_name": "Alpha",
                "valid_from": day(2020),
                "context": ADA,
                **said,
            }
        )
    assert raised.value.field == field
    assert rows() == before


def test_all_details_that_are_wrong_are_named_together() -> None:
    with pytest.raises(SeveralInvalid) as raised:
        create(details={"NONE": 1, "EMPLOYEES": "x", "NOTE": "fine"})
    assert [(error.code, error.field) for error in raised.value.errors] == [
        ("unknown_detail", "details.NONE"),
        ("value_does_not_fit", "details.EMPLOYEES"),
    ]
    assert raised.value.field == "details.NONE"


# Changes


def test_a_merge_changes_what_it_names_from_its_start_on() -> None:
    uuid = create(details=DETAILS).uuid
    written = update(uuid, day(2022), display_name="Beta", details={"EMPLOYEES": 13})
    assert written.outcome == Outcome(opened=2, closed=2)
    assert not written.created
    assert entity_snapshot(uuid, as_of=day(2021))["display_name"] == "Alpha"  # type: ignore[index]
    assert entity_snapshot(uuid, as_of=day(2022))["display_name"] == "Beta"  # type: ignore[index]
    assert details(uuid, day(2021)) == DETAILS
    assert details(uuid, day(2022)) == {"EMAIL": "a@example.org", "EMPLOYEES": 13}


def test_a_null_ends_a_detail() -> None:
    uuid = create(details=DETAILS).uuid
    assert update(uuid, day(2022), details={"EMAIL": None}).outcome == Outcome(closed=1)
    assert details(uuid, day(2021)) == DETAILS
    assert details(uuid, day(2022)) == {"EMPLOYEES": 12}
    again = update(uuid, day(2022), details={"EMAIL": None})
    assert again.outcome == Outcome(unchanged=1)


@pytest.mark.parametrize(
    "said", [{}, {"details": {}}, {"display_name": "Alpha"}, {"details": {"EMPLOYEES": 12}}]
)
def test_nothing_new_writes_nothing(said: dict[str, Any]) -> None:
    uuid = create(details=DETAILS).uuid
    before = rows()
    written = update(uuid, day(2022), **said)
    assert written.outcome == Outcome(unchanged=1)
    assert written.instant is None
    assert rows() == before


def test_a_merge_keeps_what_is_scheduled_or_overwrites_or_refuses() -> None:
    uuid = create().uuid
    update(uuid, day(2025), display_name="Gamma")
    update(uuid, day(2022), display_name="Beta")
    names = [entity_snapshot(uuid, as_of=day(y))["display_name"] for y in (2021, 2022, 2025)]  # type: ignore[index]
    assert names == ["Alpha", "Beta", "Gamma"]
    with pytest.raises(LaterChange):
        update(uuid, day(2023), display_name="Delta", future=Future.REJECT)
    update(uuid, day(2023), display_name="Delta", future=Future.OVERWRITE)
    names = [entity_snapshot(uuid, as_of=day(y))["display_name"] for y in (2022, 2023, 2025)]  # type: ignore[index]
    assert names == ["Beta", "Delta", "Delta"]


def test_a_bounded_merge_holds_between_its_ends() -> None:
    uuid = create(details=DETAILS).uuid
    update(uuid, day(2022), valid_to=day(2023), display_name="Beta", details={"EMPLOYEES": 1})
    shown = [entity_snapshot(uuid, as_of=day(y)) for y in (2021, 2022, 2023)]
    assert [(s["display_name"], s["details"]["EMPLOYEES"]) for s in shown if s] == [
        ("Alpha", 12),
        ("Beta", 1),
        ("Alpha", 12),
    ]


def test_where_nothing_holds_nothing_is_amended() -> None:
    uuid = create(valid_to=day(2022)).uuid
    with pytest.raises(NothingToAmend):
        update(uuid, day(2023), display_name="Beta")
    with pytest.raises(OutsideLifetime):
        update(uuid, day(2023), details={"EMPLOYEES": 1})


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"uuid_": 1}, "uuid_"),
        ({"display_name": None}, "display_name"),
        ({"entity_type": "NONE"}, "entity_type"),
        ({"details": {"NONE": None}}, "details.NONE"),
        ({"details": {"EMPLOYEES": True}}, "details.EMPLOYEES"),
    ],
)
def test_a_merge_of_what_cannot_be_is_refused(said: dict[str, Any], field: str) -> None:
    uuid = create().uuid
    before = rows()
    with pytest.raises(InvalidChange) as error:
        update(uuid, **said)
    assert error.value.field == field
    assert rows() == before


def test_an_entity_that_was_never_seen_is_not_found() -> None:
    with pytest.raises(NotFound):
        update(uuid4(), display_name="Beta")


def test_a_condition_sees_the_entity_as_it_is_now_and_may_refuse() -> None:
    uuid = create(details=DETAILS).uuid
    seen: list[Any] = []

    def refuse(now: Any) -> None:
        seen.append(now)
        raise PermissionError

    for said in ({"display_name": "Beta"}, {"details": {"EMPLOYEES": 1}}, {}):
        with pytest.raises(PermissionError):
            update(uuid, if_match=refuse, **said)
    assert seen == [entity_snapshot(uuid)] * 3
    assert entity_snapshot(uuid)["display_name"] == "Alpha"  # type: ignore[index]
    update(uuid, if_match=seen.append, display_name="Beta")
    assert entity_snapshot(uuid)["display_name"] == "Beta"  # type: ignore[index]


def test_every_change_is_in_the_audit_log_with_who_and_why() -> None:
    uuid = create().uuid
    context = Context(actor="bob", channel=Channel.API, reason="it moved", request_id="r1")
    services.entity_update(
        uuid=uuid, changes={"display_name": "Beta"}, valid_from=day(2022), context=context
    )
    entry = AuditEntry.objects.filter(uuid=uuid).latest("instant")
    assert (entry.actor, entry.channel, entry.reason, entry.request_id) == (
        "bob",
        "api",
        "it moved",
        "r1",
    )
    assert entry.before == {"entity_type": "BANK", "display_name": "Alpha"}
    assert entry.after == {"entity_type": "BANK", "display_name": "Beta"}
    assert (entry.valid_from, entry.valid_to, entry.action) == (day(2022), None, "corrected")
