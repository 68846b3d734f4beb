import re
from typing import Any

from rest_framework.test import APIClient

from entities.v1.tests.conftest import problem, signed_in, wrong


def test_the_index_leads_to_every_resource(client: APIClient) -> None:
    response = client.get("/api/v1")
    assert response.status_code == 200
    assert response.json() == {
        "entities": "http://testserver/api/v1/entities",
        "entities_as_of": "http://testserver/api/v1/entities-asof",
        "entities_bulk": "http://testserver/api/v1/entities/bulk",
        "diff": "http://testserver/api/v1/diff",
        "changes": "http://testserver/api/v1/changes",
        "audit": "http://testserver/api/v1/audit",
        "entity_types": "http://testserver/api/v1/entity-types",
        "detail_types": "http://testserver/api/v1/detail-types",
        "tokens": "http://testserver/api/v1/auth/tokens",
        "schema": "http://testserver/schema",
        "docs": "http://testserver/docs",
        "redoc": "http://testserver/redoc",
    }


def test_it_takes_no_parameters(client: APIClient) -> None:
    assert wrong(client.get("/api/v1?page=1")) == [("page", "unknown")]


def test_whoever_has_a_token_may_see_it(db: None) -> None:
    assert signed_in(None).get("/api/v1").status_code == 200


def test_nobody_else_may(db: None) -> None:
    problem(APIClient().get("/api/v1"), 401, "not_authenticated")


def test_there_is_no_trailing_slash(client: APIClient) -> None:
    problem(client.get("/api/v1/"), 404, "unknown_path")


def test_an_unknown_path_is_a_problem_also_with_debug_on(client: APIClient, settings: Any) -> None:
    settings.DEBUG = True
    for path in ("/api/v1/nothing", "/api/v2", "/nothing"):
        assert problem(client.get(path), 404, "unknown_path")["instance"] == path


def test_an_unknown_path_is_unknown_to_those_who_write(db: None) -> None:
    client = APIClient(enforce_csrf_checks=True)
    for path in ("/api/v1/nothing", "/nothing"):
        for method in ("post", "put", "patch", "delete", "options"):
            problem(getattr(client, method)(path), 404, "unknown_path")


def test_the_root_leads_to_the_documents(db: None) -> None:
    answer = APIClient().get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/docs")
    assert APIClient().get("/docs").status_code == 200
    problem(APIClient().post("/"), 405, "method_not_allowed")


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_a_browser_gets_a_page_of_the_same_links(client: APIClient) -> None:
    links = client.get("/api/v1").json()
    answer = APIClient().get("/api/v1", headers=BROWSER)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "Accept" in answer["Vary"]
    shown = re.findall(r'href="([^"]+)"', answer.content.decode())
    assert shown[:2] == ["data:,", "/static/core/api_index.css"]
    assert sorted(shown[2:]) == sorted(
        address.removeprefix("http://testserver") for address in links.values()
    )
    assert "<script" not in answer.content.decode()
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_page_is_not_for_a_bad_token(db: None) -> None:
    headers = {**BROWSER, "Authorization": "Token wrong"}
    problem(APIClient().get("/api/v1", headers=headers), 401, "authentication_failed")
