"""The form of an entity in the admin: rows to add details, and texts of several lines."""

import re
from typing import Any

import pytest
from django.test import Client

from core.models.scd2 import Change
from core.tests.doors import apply_changes
from entities.models import DetailType, Entity, EntityDetail, EntityType
from entities.selectors import type_snapshot
from entities.tests.conftest import ADA, create, day, update
from entities.tests.test_admin import ENTITIES, errors, page_of, posted, shown, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("types")]


@pytest.fixture
def steward() -> Client:
    return signed_in("steward")


def test_details_are_added_by_code_and_value(steward: Client) -> None:
    uuid = create(details={"EMPLOYEES": 12}).uuid
    rows = {
        "add-0-code": " NOTE ",
        "add-0-value": "one\r\ntwo",
        "add-2-code": "EQUITY",
        "add-2-value": "12.50",
    }
    assert posted(steward, page_of(uuid), **rows).status_code == 302
    assert shown(uuid)["details"] == {"EMPLOYEES": 12, "EQUITY": "12.5", "NOTE": "one\ntwo"}


@pytest.mark.parametrize(
    ("code", "value", "field", "sentence"),
    [
        ("", "x", "add-0-code", "Give the code of this detail."),
        ("NOTE", "", "add-0-value", "Give the value."),
        ("EQUITY", "much", "add-0-value", "The value must be a decimal"),
        ("EMPLOYEES", "13", "add-0-code", "The entity has EMPLOYEES: change it above."),
        ("EMAIL", "nobody", "add-0-value", "EMAIL: "),
        ("NOTES", "x", "add-0-code", "There is no detail type NOTES. Did you mean NOTE?"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_beside_it(
    steward: Client, code: str, value: str, field: str, sentence: str
) -> None:
    uuid = create(details={"EMPLOYEES": 12}).uuid
    answer = posted(steward, page_of(uuid), **{"add-0-code": code, "add-0-value": value})
    [(place, [told])] = errors(answer).items()
    assert (place, told[: len(sentence)]) == (field, sentence)
    twice = {"add-0-code": "NOTE", "add-0-value": "x", "add-1-code": "NOTE", "add-1-value": "y"}
    assert list(errors(posted(steward, page_of(uuid), **twice))) == ["add-1-code"]
    assert shown(uuid)["details"] == {"EMPLOYEES": 12}


def test_more_rows_keep_what_was_typed_and_save_nothing(steward: Client) -> None:
    uuid = create().uuid
    typed = {"display_name": "Typed", "add-1-code": "NOTE", "add-1-value": "x", "_more_rows": "1"}
    for address in (page_of(uuid), f"{ENTITIES}add/"):
        answer = posted(steward, address, **typed)
        form = answer.context["adminform"].form
        assert (answer.status_code, len(form.rows), form.errors) == (200, 6, {})
        assert [form[name].value() for name in ("display_name", "add-1-code")] == ["Typed", "NOTE"]
        assert answer.content.index(b'name="_save"') < answer.content.index(b'name="_more_rows"')
    assert Entity.objects.get().display_name == "Alpha"


def test_a_thousand_detail_types_are_no_burden(
    steward: Client, django_assert_max_num_queries: Any
) -> None:
    plain = {"description": "", "data_type": "text", "pattern": None, "is_pii": False}
    codes = [f"CODE_{number}" for number in range(1_000)]
    new = [Change({"code": code}, {"name": code, **plain}, day(2000)) for code in codes]
    apply_changes([(DetailType, new)], ADA)
    uuid = create(details={"NOTE": "x"}).uuid
    with django_assert_max_num_queries(25):
        answer = steward.get(page_of(uuid))
    assert len(re.findall("<(?:input|select|textarea) ", answer.content.decode())) < 40
    assert answer.content.count(b'<option value="CODE_') == 1_000
    given = {"entity_type": "BANK", "display_name": "Beta", "details__CODE_999": "y"}
    for address in (page_of(uuid), f"{ENTITIES}add/"):
        assert posted(steward, address, **given).status_code == 302
    assert shown(uuid)["details"] == {"CODE_999": "y", "NOTE": "x"}


def test_of_very_many_details_some_have_fields_and_all_can_be_changed(
    steward: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entities.admin.SHOWN", 1)
    uuid = create(details={"EMPLOYEES": 1, "NOTE": "x"}).uuid
    answer = steward.get(page_of(uuid))
    assert "details.NOTE" not in answer.context["adminform"].form.fields
    assert "Of 2 details the first 1 are above" in answer.content.decode()
    posted(steward, page_of(uuid), details__NOTE="y")
    assert shown(uuid)["details"] == {"EMPLOYEES": 1, "NOTE": "y"}


LINES = " one\n\ttwo\n\n"


def test_lines_of_a_text_stay(steward: Client) -> None:
    """Browsers send line ends as CRLF, and read a CR as a line end, too."""
    uuid = create(details={"EMPLOYEES": 1, "NOTE": LINES}).uuid
    assert f">\n{LINES}</textarea>" in steward.get(page_of(uuid)).content.decode()
    posted(steward, page_of(uuid), details__EMPLOYEES="2")
    assert EntityDetail.objects.get(detail_code="NOTE").value == LINES
    posted(steward, page_of(uuid), details__NOTE=f"{LINES}three")
    assert shown(uuid)["details"] == {"EMPLOYEES": 2, "NOTE": f"{LINES}three"}
    update(uuid, details={"NOTE": "a\r\nb\rc"})
    posted(steward, page_of(uuid), display_name="Beta", everything="on")
    assert shown(uuid)["details"]["NOTE"] == "a\r\nb\rc"
    posted(steward, f"{ENTITIES}add/", entity_type="BANK", display_name="B", details__NOTE=LINES)
    assert EntityDetail.objects.latest("id").value == LINES


def test_lines_of_a_description_and_a_reason_stay(steward: Client) -> None:
    address = "/entities/entitytype/BANK/change/"
    posted(steward, address, description=LINES, reason="one\ntwo")
    posted(steward, address, name="Bank, too")
    bank = type_snapshot(EntityType, "BANK")
    assert bank is not None
    assert (bank["name"], bank["description"]) == ("Bank, too", LINES)
    reasons = EntityType.objects.filter(code="BANK").values_list("reason", flat=True)
    assert "one\ntwo" in reasons
