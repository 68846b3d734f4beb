"""The register in the admin: entities with their details, and types."""

import itertools
import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from core.models import AuditEntry
from entities.models import DetailType, Entity, EntityType
from entities.naming import entity_uuid
from entities.selectors import basis, entity_snapshot, type_snapshot
from entities.services import detail_type_create
from entities.tests.conftest import ADA, create, day, update

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("types")]

ENTITIES = "/entities/entity/"


def signed_in(role: str) -> Client:
    user = get_user_model().objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def steward() -> Client:
    return signed_in("steward")


def fields_of(answer: Any) -> dict[str, Any]:
    """The form as a browser would send it back."""
    form = answer.context["adminform"].form
    sent: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if value not in (None, False):
            sent[bound.html_name] = value
    return sent


def posted(client: Client, address: str, **fields: Any) -> Any:
    """Send the form, lines as browsers end them; a detail that it does not have in a row."""
    answer = client.get(address)
    sent, rows = fields_of(answer), itertools.count()
    for name, value in fields.items():
        field = name.replace("__", ".")
        if field.startswith("details.") and field not in answer.context["adminform"].form.fields:
            row = next(rows)
            sent |= {f"add-{row}-code": field.removeprefix("details."), f"add-{row}-value": value}
        else:
            sent[field] = value
    return client.post(address, with_lines(sent))


def with_lines(sent: dict[str, Any]) -> dict[str, Any]:
    return {name: re.sub("\r\n|\r|\n", "\r\n", value) for name, value in sent.items()}


def errors(answer: Any) -> Any:
    assert answer.status_code == 200
    return answer.context["adminform"].form.errors


def page_of(uuid: Any) -> str:
    return f"{ENTITIES}{uuid}/change/"


def listed(client: Client, **query: str) -> list[str]:
    rows = client.get(ENTITIES, query).context["cl"].result_list
    return [row.display_name for row in rows]


def shown(uuid: Any, **at: Any) -> dict[str, Any]:
    snapshot = entity_snapshot(uuid, **at)
    assert snapshot is not None
    return snapshot


def test_the_list_searches_names_uuids_and_what_a_feed_calls_them(steward: Client) -> None:
    uuid = create("Łódź Bank", source="register", source_id="PL:1").uuid
    create("100% Bank", entity_type="PERSON")
    create("Old Bank", valid_to=day(2021))
    assert listed(steward) == ["100% Bank", "Łódź Bank"]
    assert listed(steward, q="łÓDŹ") == ["Łódź Bank"]
    assert listed(steward, q="LODZ") == ["Łódź Bank"]
    assert listed(steward, q="\uff05 ba") == ["100% Bank"]
    assert listed(steward, q="0% b") == ["100% Bank"]
    assert listed(steward, q="0_") == []
    assert listed(steward, q=str(uuid)) == ["Łódź Bank"]
    assert listed(steward, q=" PL:1 ") == ["Łódź Bank"]
    assert listed(steward, q="PL:") == []
    assert listed(steward, entity_type="PERSON") == ["100% Bank"]


def test_the_list_is_alphabetical(steward: Client) -> None:
    for name in ("Zebra", "Öl", "Oman", "ola", "Łan", "müller", "Muller"):
        create(name)
    ordered = ["Łan", "Muller", "müller", "Öl", "ola", "Oman", "Zebra"]
    assert listed(steward) == ordered
    assert listed(steward, o="-0")[:4] == ordered[:2:-1]


def test_the_form_has_a_field_for_every_detail_that_is_held(steward: Client) -> None:
    past: dict[str, Any] = {"valid_to": basis()[0], "valid_from": day(2000)}
    detail_type_create(code="PAST", name="Past", data_type="text", **past, context=ADA)
    uuid = create(details={"EMPLOYEES": 12, "EXTRA": {"b": 1}}).uuid
    answer = steward.get(page_of(uuid))
    form = answer.context["adminform"].form
    own = ["entity_type", "display_name"]
    assert list(form.payload) == [*own, "details.EMPLOYEES", "details.EXTRA"]
    assert form["details.EMPLOYEES"].value() == "12"
    assert form["details.EXTRA"].value() == '{"b":1}'
    offered = re.findall('<option value="([A-Z]+)">([A-Za-z]+)</option>', answer.content.decode())
    types = [("EMAIL", "text"), ("EMPLOYEES", "integer"), ("EQUITY", "decimal")]
    assert offered[-6:] == [*types, ("EXTRA", "JSON"), ("NOTE", "text"), ("PAST", "text")]


def test_details_are_changed_and_ended_together_with_the_name(steward: Client) -> None:
    uuid = create(details={"EMPLOYEES": 12, "NOTE": "x"}).uuid
    answer = posted(
        steward,
        page_of(uuid),
        display_name="Beta",
        valid_from="2022-01-01",
        details__EMPLOYEES="13",
        details__NOTE="",
        details__EXTRA="[1, 2]",
        _continue="1",
    )
    assert answer["Location"] == page_of(uuid)
    after = shown(uuid, as_of=day(2022))
    assert (after["display_name"], after["details"]) == ("Beta", {"EMPLOYEES": 13, "EXTRA": [1, 2]})
    assert shown(uuid, as_of=day(2021))["details"] == {"EMPLOYEES": 12, "NOTE": "x"}
    assert Entity.objects.filter(uuid=uuid).latest("id").actor == "steward"


def test_only_what_was_changed_is_said(steward: Client) -> None:
    """What comes into force while the form is open was not changed by anybody."""
    uuid = create(details={"EMPLOYEES": 12}).uuid
    sent = fields_of(steward.get(page_of(uuid)))
    update(uuid, valid_from=day(2021), details={"EMPLOYEES": 99})
    known = AuditEntry.objects.latest("instant").instant
    sent["made_from"] = f"{day(2020, 6).isoformat()} {known.isoformat()}"
    assert steward.post(page_of(uuid), {**sent, "display_name": "Beta"}).status_code == 302
    after = shown(uuid)
    assert (after["display_name"], after["details"]) == ("Beta", {"EMPLOYEES": 99})


def test_of_two_tabs_the_later_is_told_of_the_earlier(steward: Client) -> None:
    uuid = create(details={"EMPLOYEES": 12, "NOTE": "x"}).uuid
    address = page_of(uuid)
    one, two = (fields_of(steward.get(address)) for _ in range(2))
    assert steward.post(address, {**one, "details.EMPLOYEES": "13"}).status_code == 302
    said = {"details.EMPLOYEES": "14", "details.NOTE": ""}
    said |= {"add-0-code": "EXTRA", "add-0-value": "1"}
    refused = steward.post(address, {**two, **said})
    told, change = errors(refused)["__all__"][0].split("<br>")
    assert "nothing was written" in told
    assert re.fullmatch(r".{19} by steward: EMPLOYEES: value: 12 → 13 \(changed from .*\)", change)
    assert shown(uuid)["details"] == {"EMPLOYEES": 13, "NOTE": "x"}
    again = fields_of(refused)
    assert {name: again.get(name, "") for name in said} == said
    assert steward.post(address, again).status_code == 302
    assert shown(uuid)["details"] == {"EMPLOYEES": 14, "EXTRA": 1}


def test_of_two_tabs_on_a_type_the_later_is_told_of_the_earlier(steward: Client) -> None:
    for model, values in (("entitytype/BANK", {}), ("detailtype/NOTE", {"data_type": "integer"})):
        address = f"/entities/{model}/change/"
        sent = fields_of(steward.get(address))
        assert posted(steward, address, name="Earlier", reason="First").status_code == 302
        refused = steward.post(address, {**sent, **values, "name": "Later"})
        assert "→ Earlier (" in errors(refused)["__all__"][0].split("<br>")[1]
        assert refused.context["adminform"].form["name"].value() == "Later"


def test_a_detail_can_be_backdated_with_everything_else(steward: Client) -> None:
    uuid = create("Alpha", details={"EMPLOYEES": 1}).uuid
    update(uuid, day(2022), display_name="Beta", details={"EMPLOYEES": 2})
    posted(steward, page_of(uuid), valid_from="2021-01-01", everything="on")
    assert shown(uuid, as_of=day(2021))["display_name"] == "Beta"
    assert shown(uuid, as_of=day(2021))["details"] == {"EMPLOYEES": 2}
    assert shown(uuid, as_of=day(2020, 6))["details"] == {"EMPLOYEES": 1}


def test_a_value_that_does_not_fit_is_said_beside_its_field(steward: Client) -> None:
    details = {"EMPLOYEES": 1, "EMAIL": "a@b"}
    uuid = create(details=details).uuid
    answer = posted(steward, page_of(uuid), details__EMPLOYEES="many", details__EXTRA="{")
    assert errors(answer) == {
        "details.EMPLOYEES": ["The value must be a whole number."],
        "add-0-value": ["The value must be JSON."],
    }
    answer = posted(steward, page_of(uuid), details__EMAIL="nobody")
    assert list(errors(answer)) == ["details.EMAIL"]
    assert shown(uuid)["details"] == details


def test_a_conflict_is_shown_above_the_form(steward: Client) -> None:
    uuid = create().uuid
    answer = posted(steward, page_of(uuid), display_name="Beta", valid_from="2019-01-01")
    assert "nothing holds that could be amended" in errors(answer)["__all__"][0]


def test_the_timelines_of_the_entity_and_of_its_details_stand_below(steward: Client) -> None:
    uuid = create(details={"EMPLOYEES": 12}).uuid
    update(uuid, day(2022), display_name="Beta", details={"EMPLOYEES": None})
    own, details = steward.get(page_of(uuid)).context["timelines"]
    assert [list(row[1:5]) for row in own.rows] == [
        ["2022-01-01", "open", "BANK", "Beta"],
        ["2020-01-01", "2022-01-01", "BANK", "Alpha"],
    ]
    assert [list(row[1:5]) for row in details.rows] == [
        ["2020-01-01", "2022-01-01", "EMPLOYEES", "12"]
    ]


def test_an_entity_that_ended_has_a_page(steward: Client) -> None:
    uuid = create(valid_to=day(2021), details={"EMPLOYEES": 1}).uuid
    form = steward.get(page_of(uuid)).context["adminform"].form
    assert form["display_name"].value() == "Alpha"
    assert form["details.EMPLOYEES"].value() == "1"


@pytest.mark.parametrize("address", ["no-uuid", "00000000-0000-0000-0000-000000000000"])
def test_an_entity_that_is_not_there_leads_back_to_the_list(steward: Client, address: str) -> None:
    assert steward.get(page_of(address))["Location"] == ENTITIES


def test_a_new_entity_may_be_named_by_a_feed(steward: Client) -> None:
    said = {"entity_type": "BANK", "display_name": "Alpha", "details__EMPLOYEES": "12"}
    answer = posted(
        steward,
        f"{ENTITIES}add/",
        source="register",
        source_id="1",
        valid_from="2020-01-01",
        _continue="1",
        **said,
    )
    uuid = entity_uuid("register", "1")
    assert answer["Location"] == page_of(uuid)
    assert shown(uuid, as_of=day(2020))["details"] == {"EMPLOYEES": 12}
    posted(steward, f"{ENTITIES}add/", **said)
    assert listed(steward) == ["Alpha", "Alpha"]
    halfway = posted(steward, f"{ENTITIES}add/", source="register", **said)
    assert errors(halfway) == {"source_id": ["source and source_id are given together."]}


def test_all_that_is_wrong_is_shown_at_once(steward: Client) -> None:
    answer = posted(
        steward, f"{ENTITIES}add/", entity_type="NONE", display_name="", details__EMPLOYEES="x"
    )
    assert set(errors(answer)) == {"entity_type", "display_name", "add-0-value"}


def test_types_are_created_and_changed(steward: Client) -> None:
    answer = posted(steward, "/entities/entitytype/add/", code="FUND", name="Fund", _continue="1")
    assert answer["Location"] == "/entities/entitytype/FUND/change/"
    posted(steward, answer["Location"], description="Pools money", is_pii_name="on")
    fund = type_snapshot(EntityType, "FUND")
    assert fund is not None
    assert (fund["description"], fund["is_pii_name"]) == ("Pools money", True)


def test_a_detail_type_may_have_a_pattern_or_none(steward: Client) -> None:
    address = "/entities/detailtype/add/"
    posted(steward, address, code="LEI", name="LEI", data_type="text", pattern="[A-Z0-9]{20}")
    posted(steward, "/entities/detailtype/LEI/change/", pattern="")
    lei = type_snapshot(DetailType, "LEI")
    assert lei is not None
    assert lei["pattern"] is None
    answer = posted(steward, address, code="BAD", name="Bad", data_type="text", pattern="(")
    assert list(errors(answer)) == ["pattern"]
    answer = posted(steward, address, code="bad", name="Bad", data_type="text")
    assert list(errors(answer)) == ["code"]


def test_a_data_type_in_use_is_a_conflict_in_the_form(steward: Client) -> None:
    create(details={"EMPLOYEES": 12})
    answer = posted(steward, "/entities/detailtype/EMPLOYEES/change/", data_type="text")
    assert "there are values" in errors(answer)["__all__"][0]


@pytest.mark.parametrize("model", ["entity", "entitytype", "detailtype"])
def test_a_viewer_reads_and_cannot_write(model: str) -> None:
    create()
    viewer = signed_in("viewer")
    assert viewer.get(reverse(f"admin:entities_{model}_changelist")).status_code == 200
    assert viewer.get(reverse(f"admin:entities_{model}_add")).status_code == 403


def test_a_page_of_the_list_costs_the_same_for_many(
    steward: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        create(f"Name {number}")
    with django_assert_max_num_queries(10):
        assert len(listed(steward)) == 20
