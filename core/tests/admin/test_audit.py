"""The audit log in the admin: to read, to search, to filter, and nothing else."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import Client

from core.models import AuditAction, AuditEntry
from core.models.audit_log import record, thing_uuid
from core.models.scd2.change import Channel, Context

pytestmark = pytest.mark.django_db
LIST = "/core/auditentry/"
FIRST_TYPES = "entities.entitytype"
ADA = Context(actor="ada", channel=Channel.ADMIN, reason="renamed")
FEED = Context(actor="feed@tug", channel=Channel.INGEST, request_id="r-1", batch="b-1")


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root"))
    return client


@pytest.fixture
def entries() -> list[AuditEntry]:
    """A berth opened by a feed and renamed by Ada, and a user."""
    opened, renamed = {"name": "North <b>", "deep": True}, {"name": "Łódź", "deep": True}
    berth: dict[str, Any] = {"model_label": "tug.berth", "key": {"id": 5}}
    record(FEED, **berth, before=None, after=opened, action=AuditAction.OPENED)
    record(ADA, **berth, before=opened, after=renamed, action=AuditAction.CHANGED)
    record(
        ADA,
        model_label="cockpit_auth.user",
        key={"id": 9},
        before={"username": "grace", "groups": ["viewer"]},
        after=None,
        action=AuditAction.ENDED,
    )
    return list(AuditEntry.objects.exclude(model=FIRST_TYPES).order_by("instant"))


def found(client: Client, **query: str) -> list[str]:
    """The summaries of the entries that a list shows, but for what every register begins with."""
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    page: Any = answer.context["cl"]
    entries = [entry for entry in page.result_list if entry.model != FIRST_TYPES]
    return [page.model_admin.summary(entry) for entry in entries]


OPENED = "deep: true; name: North <b>"
RENAMED = "name: North <b> → Łódź"
GONE = 'groups: ["viewer"]; username: grace'


def test_the_newest_entry_comes_first(root: Client, entries: list[AuditEntry]) -> None:
    assert found(root) == [GONE, RENAMED, OPENED]


@pytest.mark.parametrize(
    ("query", "summaries"),
    [
        ({"q": "łódź"}, [RENAMED]),
        ({"q": "feed@tug"}, [OPENED]),
        ({"q": "renamed"}, [GONE, RENAMED]),
        ({"q": "r-1"}, [OPENED]),
        ({"q": "b-1"}, [OPENED]),
        ({"q": str(thing_uuid("tug.berth", {"id": 5}))}, [RENAMED, OPENED]),
        ({"q": "nothing like it"}, []),
        ({"action": "changed"}, [RENAMED]),
        ({"action__exact": "ended"}, [GONE]),
        ({"channel__exact": "ingest"}, [OPENED]),
        ({"model": "cockpit_auth.user"}, [GONE]),
        ({"uuid": str(thing_uuid("cockpit_auth.user", {"id": 9}))}, [GONE]),
    ],
)
def test_it_can_be_searched_and_filtered(
    root: Client, entries: list[AuditEntry], query: dict[str, str], summaries: list[str]
) -> None:
    assert found(root, **query) == summaries


def test_it_can_be_filtered_by_day(root: Client, entries: list[AuditEntry]) -> None:
    today = entries[0].instant.astimezone(UTC).date().isoformat()
    assert len(found(root, instant_from=today, instant_to=today)) == 3
    assert found(root, instant_to="2001-01-01") == []
    assert found(root, instant_from="2999-01-01") == []
    assert len(found(root, instant_to="9999-12-31")) == 3


@pytest.mark.parametrize(
    "query",
    [
        {"instant_from": "yesterday", "instant_to": "2024-02-30"},
        {"model": "no.such"},
        {"q": "'; DROP TABLE core_auditentry; --"},
        {"q": "%"},
        {"q": "\x00"},
    ],
)
def test_nonsense_is_no_error(
    root: Client, entries: list[AuditEntry], query: dict[str, str]
) -> None:
    assert root.get(LIST, query).status_code == 200


def test_an_entry_shows_before_and_after_side_by_side(
    root: Client, entries: list[AuditEntry]
) -> None:
    page = root.get(f"{LIST}{entries[1].pk}/change/").content.decode()
    assert "<del>North &lt;b&gt;</del>" in page
    assert ">Łódź</ins>" in page
    assert page.count("<del>") == 1
    assert "<b>" not in page
    assert "without end" in page
    assert entries[1].instant.strftime("%H:%M:%S.%f") in page


def audit_admin() -> Any:
    admin.autodiscover()
    return admin.site._registry[AuditEntry]


def test_a_thing_is_named_as_people_know_it(entries: list[AuditEntry]) -> None:
    model_admin = audit_admin()
    assert [model_admin.thing(entry) for entry in entries] == [
        "berth North <b>",
        "berth Łódź",
        "user grace",
    ]
    keyless = AuditEntry(model="tug.berth", natural_key={"quay": "A", "no": 5})
    assert model_admin.thing(keyless) == "berth A · 5"


def test_a_period_with_an_end_shows_it() -> None:
    model_admin = audit_admin()
    start, end = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    assert model_admin.period(AuditEntry(valid_from=start, valid_to=end)) == (
        "2024-01-01 00:00:00.000000 to 2025-01-01 00:00:00.000000"
    )


def test_nobody_changes_it_not_even_a_superuser(root: Client, entries: list[AuditEntry]) -> None:
    address = f"{LIST}{entries[0].pk}"
    assert root.get(f"{LIST}add/").status_code == 403
    assert root.post(f"{address}/change/", {"actor": "x"}).status_code == 403
    assert root.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    form = {"action": "delete_selected", "_selected_action": [entries[0].pk], "post": "yes"}
    root.post(LIST, form)
    assert AuditEntry.objects.exclude(model=FIRST_TYPES).count() == 3
    actors = AuditEntry.objects.values_list("actor", flat=True)
    assert set(actors) == {"ada", "feed@tug", "migration"}


def test_the_history_of_an_entry_is_that_of_its_thing(
    root: Client, entries: list[AuditEntry]
) -> None:
    answer = root.get(f"{LIST}{entries[1].pk}/history/")
    assert answer["Location"] == f"{LIST}?uuid={entries[1].uuid}"
    assert root.get(f"{LIST}999999/history/")["Location"] == LIST


def test_every_versioned_model_can_be_chosen_and_no_anchor(root: Client) -> None:
    page: Any = root.get(LIST).context["cl"]
    (model_filter,) = [spec for spec in page.filter_specs if spec.title == "model"]
    offered = {value for value, _ in model_filter.lookup_choices}
    assert {"entities.entity", "entities.entitydetail", "cockpit_auth.token"} <= offered
    assert not {"entities.entityanchor", "core.auditentry"} & offered


def test_a_list_costs_the_same_however_long(
    root: Client, entries: list[AuditEntry], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(5):  # session, user, count, page, what is marked
        root.get(LIST)
