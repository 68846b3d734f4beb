from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from core.models import AuditEntry
from core.models.audit import AuditAction
from core.models.audit_log import record
from core.models.scd2 import Channel, Context

URL = "/api/v1/audit"


@pytest.fixture
def log(db: None) -> None:
    for number, actor in enumerate(["ada", "bob", "ada"]):
        context = Context(
            actor=actor,
            actor_id=number,
            channel=Channel.API,
            client_address="192.0.2.7",
            request_id=f"request {number}",
            reason="why",
            batch="b" if number else None,
        )
        record(
            context,
            model_label="harbour.flag",
            key={"code": f"C{number}"},
            before=None,
            after={"name": f"N{number}"},
            action=AuditAction.OPENED,
        )


def found(client: APIClient, **query: Any) -> list[str]:
    response = client.get(URL, query)
    assert response.status_code == 200, response.json()
    results = response.json()["results"]
    return [e["natural_key"]["code"] for e in results if e["model"] == "harbour.flag"]


def test_an_entry(client: APIClient, log: None) -> None:
    row = AuditEntry.objects.latest("id")
    [entry] = client.get(URL, {"limit": 1}).json()["results"]

    def text(instant: Any) -> str:
        return str(instant.isoformat()).replace("+00:00", "Z")

    assert entry == {
        "instant": text(row.instant),
        "model": "harbour.flag",
        "uuid": str(row.uuid),
        "source": None,
        "source_id": None,
        "natural_key": {"code": "C2"},
        "action": "opened",
        "valid_from": text(row.valid_from),
        "valid_to": None,
        "before": None,
        "after": {"name": "N2"},
        "masked": [],
        "actor": "ada",
        "channel": "api",
        "reason": "why",
        "batch": "b",
        "id": row.id,
        "recorded_at": text(row.recorded_at),
        "txid": row.txid,
        "actor_id": 2,
        "client_address": "192.0.2.7",
        "request_id": "request 2",
    }


def test_its_filters(client: APIClient, log: None) -> None:
    first, second, _ = AuditEntry.objects.filter(model="harbour.flag").order_by("id")
    assert found(client) == ["C2", "C1", "C0"]
    assert found(client, actor="ada") == ["C2", "C0"]
    assert found(client, actor="ada", batch="b") == ["C2"]
    assert found(client, request_id="request 1") == ["C1"]
    assert found(client, entity=str(first.uuid)) == ["C0"]
    assert found(client, **{"from": second.instant.isoformat()}) == ["C2", "C1"]
    assert found(client, to=second.instant.isoformat()) == ["C1", "C0"]
    assert found(client, to=second.instant.date().isoformat()) == ["C2", "C1", "C0"]
    assert found(client, **{"from": "2900-01-01"}) == []


def test_its_pages(client: APIClient, log: None) -> None:
    pages, url = [], f"{URL}?limit=1&actor=ada"
    while url:
        pages.append(client.get(url).json())
        url = pages[-1]["next"]
    assert [entry["natural_key"]["code"] for page in pages for entry in page["results"]] == [
        "C2",
        "C0",
    ]
    assert client.get(pages[1]["previous"]).json()["results"] == pages[0]["results"]
    assert pages[0]["previous"] is None


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("entity=7", ("entity", "invalid")),
        ("from=yesterday", ("from", "invalid")),
        ("to=2024-01-01T00:00:00", ("to", "naive")),
        ("limit=0", ("limit", "min_value")),
        ("user=ada", ("user", "unknown")),
        ("cursor=x", ("cursor", "invalid")),
    ],
)
def test_what_is_wrong_is_named(client: APIClient, query: str, fault: tuple[str, str]) -> None:
    response = client.get(f"{URL}?{query}")
    assert response.status_code == 400
    assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [fault]


def test_a_page_costs_the_same_with_one_entry_and_with_three(
    client: APIClient, log: None, django_assert_num_queries: Any
) -> None:
    for limit in (1, 3):
        with django_assert_num_queries(3):  # the clock, the page, what is marked
            client.get(URL, {"limit": limit})


def test_what_no_app_here_knows_shows_no_values(settings: Any, log: None) -> None:
    context = Context(actor="ada", channel=Channel.SYSTEM, reason="told")
    for label in ("harbour.flag", "elsewhere.secret"):
        record(
            context,
            model_label=label,
            key={"code": "X"},
            before={"name": "old"},
            after={"name": "new", "more": 1},
            action=AuditAction.CHANGED,
        )
    settings.ROOT_URLCONF = "core.tests.api.harbour"
    user = get_user_model().objects.create(username="reader")
    user.user_permissions.add(Permission.objects.get(codename="view_auditentry"))
    client = APIClient()
    client.force_authenticate(user)
    secret, flag = client.get(URL, {"limit": 2}).json()["results"]
    assert (secret["before"], secret["after"]) == ({"name": None}, {"name": None, "more": None})
    assert (secret["reason"], flag["reason"]) == (None, "told")
    assert secret["masked"] == ["more", "name", "reason"]
    assert (flag["after"], flag["masked"]) == ({"name": "new", "more": 1}, [])
