"""The admin for whoever may not see personal data: PERSON and EMAIL are marked."""

import dataclasses
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from entities import services
from entities.models import Entity
from entities.selectors import entity_snapshot
from entities.tests.conftest import ADA, create, day, update
from entities.tests.test_admin import ENTITIES, fields_of, page_of, signed_in
from entities.v1.tests.test_masking import reads

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("types")]
SECRETS = ("Lovelace", "King", "ada@example.org", "king@example.org")


@pytest.fixture
def person() -> UUID:
    details = {"EMAIL": "ada@example.org", "EMPLOYEES": 1}
    uuid = create("Lovelace", entity_type="PERSON", details=details).uuid
    changes = {"display_name": "King", "details": {"EMAIL": "king@example.org", "EMPLOYEES": 2}}
    speaking = dataclasses.replace(ADA, reason="Lovelace married King")
    services.entity_update(uuid=uuid, changes=changes, valid_from=day(2022), context=speaking)
    create("Zebra Bank")
    services.entity_type_update(code="PERSON", changes={"is_pii_name": True}, context=ADA)
    services.detail_type_update(code="EMAIL", changes={"is_pii": True}, context=ADA)
    return uuid


def no_secret(answer: Any) -> str:
    assert answer.status_code == 200
    text = str(answer.content.decode())
    assert [secret for secret in SECRETS if secret in text] == []
    return text


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_the_list_is_masked_and_ordered_by_what_is_shown(person: UUID, role: str) -> None:
    client = signed_in(role)
    for query in ({}, {"o": "0"}, {"o": "-0"}, {"o": "1"}, {"o": "-1"}, {"o": "5"}):
        answer = client.get(ENTITIES, query)
        no_secret(answer)
        shown = [row.shown_name for row in answer.context["cl"].result_list]
        assert sorted(map(str, shown)) == ["None", "Zebra Bank"]
    assert [row.shown_name for row in client.get(ENTITIES).context["cl"].result_list] == [
        "Zebra Bank",
        None,
    ]


def test_a_masked_name_is_not_found(person: UUID) -> None:
    client = signed_in("viewer")
    for term, found in (("King", 0), ("Zebra", 1), (str(person), 1)):
        answer = client.get(ENTITIES, {"q": term})
        assert len(answer.context["cl"].result_list) == found
    assert len(signed_in("steward").get(ENTITIES, {"q": "King"}).context["cl"].result_list) == 1


@pytest.mark.parametrize("role", ["viewer", "editor"])
@pytest.mark.parametrize("query", ["", "?superseded=1"])
def test_a_page_is_masked(person: UUID, role: str, query: str) -> None:
    client = signed_in(role)
    text = no_secret(client.get(page_of(person) + query))
    assert "EMPLOYEES" in text
    assert "married" not in text
    assert "married" in signed_in("steward").get(page_of(person) + query).content.decode()
    form = client.get(page_of(person)).context["adminform"].form
    assert not {"display_name", "entity_type", "details.EMAIL"} & set(form.fields)


def test_what_is_shown_can_be_written(person: UUID) -> None:
    client = signed_in("editor")
    sent = fields_of(client.get(page_of(person)))
    answer = client.post(page_of(person), {**sent, "details.EMPLOYEES": "3", "_continue": "1"})
    assert answer.status_code == 302
    no_secret(client.get(page_of(person)))
    assert Entity.objects.live().filter(uuid=person).count() == 2


def test_what_is_masked_is_told_to_nobody_when_it_changes(person: UUID) -> None:
    editor, steward = signed_in("editor"), signed_in("steward")
    sent = {client: fields_of(client.get(page_of(person))) for client in (editor, steward)}
    update(person, details={"EMAIL": "new@example.org"})
    mine = {"details.EMPLOYEES": "4"}
    told = steward.post(page_of(person), {**sent[steward], **mine})
    assert "new@example.org" in told.context["adminform"].form.non_field_errors()[0]
    assert editor.post(page_of(person), {**sent[editor], **mine}).status_code == 302
    sent[editor] = fields_of(editor.get(page_of(person)))
    update(person, display_name="Byron")
    refused = editor.post(page_of(person), {**sent[editor], "details.EMPLOYEES": "5"})
    assert "Byron" not in no_secret(refused)
    assert refused.context["adminform"].form.non_field_errors()[0].count("<br>") == 1


def test_what_is_masked_cannot(person: UUID) -> None:
    client = signed_in("editor")
    add = f"{ENTITIES}add/"
    form = client.get(add).context["adminform"].form
    assert "details.EMAIL" not in form.fields
    assert ("PERSON", "PERSON") not in form.fields["entity_type"].choices
    sent = {**fields_of(client.get(add)), "entity_type": "PERSON", "display_name": "New"}
    answer = client.post(add, sent)
    assert "entity_type" in answer.context["adminform"].form.errors
    sent = {**sent, "entity_type": "BANK"}
    row = {"add-0-code": "EMAIL", "add-0-value": "new@example.org"}
    assert "add-0-code" in client.post(add, {**sent, **row}).context["adminform"].form.errors
    assert client.post(add, {**sent, "details.EMAIL": "new@example.org"}).status_code == 302
    bank = Entity.objects.get(display_name="New")
    snapshot = entity_snapshot(bank.uuid)
    assert snapshot is not None
    assert snapshot["details"] == {}


def test_a_mark_is_not_taken_away(person: UUID) -> None:
    page = "/entities/detailtype/EMAIL/change/"
    editor, steward = signed_in("editor"), signed_in("steward")
    sent = {name: value for name, value in fields_of(editor.get(page)).items() if name != "is_pii"}
    refused = editor.post(page, sent)
    assert "is_pii" in refused.context["adminform"].form.errors
    assert steward.post(page, sent).status_code == 302


def blind_auditor() -> Client:
    client = signed_in("viewer")
    group = Group.objects.create(name="log readers")
    group.permissions.set(Permission.objects.filter(codename__startswith="view_audit"))
    group.user_set.set(Group.objects.get(name="viewer").user_set.all())
    return client


def test_the_log_is_masked(person: UUID) -> None:
    client, log = blind_auditor(), "/core/auditentry/"
    answer = client.get(log)
    no_secret(answer)
    for entry in answer.context["cl"].result_list:
        no_secret(client.get(f"{log}{entry.pk}/change/"))
    for term in ("king@example.org", "married"):
        assert client.get(log, {"q": term}).context["cl"].result_list == []
    assert signed_in("admin").get(log, {"q": "married"}).context["cl"].result_list != []
    found = signed_in("auditor").get(log, {"q": "king@example.org"}).context["cl"].result_list
    assert len(found) == 1


def test_seeing_leaves_a_trace(person: UUID, caplog: Any) -> None:
    caplog.set_level("INFO")
    steward = signed_in("steward")
    for address, fields in (
        (ENTITIES, ["display_name"]),
        (page_of(person), ["EMAIL", "display_name"]),
    ):
        caplog.clear()
        steward.get(address)
        assert [(e["actor"], e["things"], e["fields"]) for e in reads(caplog)] == [
            ("steward", [str(person)], fields)
        ]
    caplog.clear()
    signed_in("auditor").get("/core/auditentry/")
    assert {event["model"] for event in reads(caplog)} == {
        "entities.entity",
        "entities.entitydetail",
    }
