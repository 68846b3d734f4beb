"""The first room: every list answers those who may see it, and nobody else."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import Client

pytestmark = pytest.mark.django_db

HTML = {"Accept": "text/html"}


def addresses(of: str) -> list[str]:
    admin.autodiscover()
    metas = [model._meta for model in admin.site._registry]
    return [f"/{meta.app_label}/{meta.model_name}/{of}" for meta in metas]


def test_the_room_has_the_log_and_who_has_access() -> None:
    assert {
        "/core/auditentry/",
        "/cockpit_auth/user/",
        "/auth/group/",
        "/cockpit_auth/token/",
    } <= set(addresses(""))


@pytest.mark.parametrize("address", ["/", *addresses("")])
def test_every_list_answers_a_superuser(root: Client, address: str) -> None:
    answer = root.get(address)
    assert answer.status_code == 200
    assert "Cockpit" in answer.content.decode()


@pytest.mark.parametrize("address", ["/", *addresses(""), *addresses("add/")])
def test_anonymous_is_sent_to_the_login(address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/?next=/")


@pytest.mark.parametrize("address", ["/admin", "/admin/"])
def test_where_admins_often_are_leads_to_the_admin(address: str) -> None:
    answer = Client().get(address)
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize("address", addresses(""))
def test_someone_without_a_role_sees_no_list(address: str, django_user_model: Any) -> None:
    client = Client()
    client.force_login(django_user_model.objects.create_user("nell", is_staff=True))
    assert client.get(address).status_code == 403


def test_a_viewer_sees_neither_the_log_nor_who_has_access(viewer: Client) -> None:
    assert viewer.get("/core/auditentry/").status_code == 403
    assert viewer.get("/cockpit_auth/user/").status_code == 403
    assert viewer.get("/cockpit_auth/token/").status_code == 403


def test_an_auditor_reads_them_and_changes_nothing(auditor: Client) -> None:
    for address in ("/core/auditentry/", "/cockpit_auth/user/", "/cockpit_auth/token/"):
        assert auditor.get(address).status_code == 200
    assert auditor.get("/cockpit_auth/user/add/").status_code == 403
    assert auditor.get("/cockpit_auth/token/add/").status_code == 403


@pytest.mark.parametrize("address", ["/api/v1/entities", "/api/", "/api/v1/auth/nothing"])
def test_an_unknown_path_of_the_api_is_a_problem_and_no_login_page(
    root: Client, address: str
) -> None:
    for client in (root, Client()):
        answer = client.get(address, headers=HTML)
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:cockpit:problem:unknown_path"


def test_an_unknown_page_is_a_page_for_people_and_a_problem_for_machines() -> None:
    page = Client().get("/nowhere/", headers={**HTML, "X-Request-ID": "r-1"})
    assert page.status_code == 404
    assert "There is no such page" in page.content.decode()
    assert "Request r-1" in page.content.decode()
    answer = Client().get("/nowhere/", HTTP_ACCEPT="application/json")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_what_a_role_does_not_allow_is_said_in_a_page(viewer: Client) -> None:
    answer = viewer.get("/core/auditentry/", headers=HTML)
    assert answer.status_code == 403
    assert "Your role does not allow this" in answer.content.decode()


def test_a_form_from_elsewhere_is_refused(root: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = root.cookies
    answer = strict.post("/auth/group/add/", {"name": "pilots"}, headers=HTML)
    assert answer.status_code == 403
    assert "Your role does not allow this" in answer.content.decode()


def test_signing_in_without_a_way_back_ends_at_the_overview(root: Client) -> None:
    answer = Client().post("/login/", {"username": "root", "password": "wrong"})
    assert answer.status_code == 200
    person = get_user_model().objects.get(username="root")
    person.set_password("Korrekt-Pferd-9")
    person.save()
    answer = Client().post("/login/", {"username": "root", "password": "Korrekt-Pferd-9"})
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize("page", ["change", "history", "delete"])
@pytest.mark.parametrize("address", addresses(""))
def test_whoever_may_not_look_is_not_told_what_there_is(
    address: str, page: str, django_user_model: Any
) -> None:
    client = Client()
    user = django_user_model.objects.create_user("nell", is_staff=True)
    client.force_login(user)
    for key in (user.pk, "nowhere", "6f6e6521-0000-0000-0000-000000000000"):
        assert client.get(f"{address}{key}/{page}/").status_code == 403
