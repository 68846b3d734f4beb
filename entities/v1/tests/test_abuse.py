"""What somebody would send who wants to break the register, or to fool who reads it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.urls import get_resolver
from rest_framework.test import APIClient

from core.models import AuditEntry
from entities.models import Entity, EntityDetail
from entities.v1.tests.conftest import signed_in, wrong

ENTITIES = "/api/v1/entities"
INJECTIONS = [
    "'; DROP TABLE entities_entity; --",
    "' OR '1'='1",
    "1) UNION SELECT password FROM cockpit_auth_user --",
    "%(uuid)s",
    "%s%d%n",
    "{column}{0.__class__}",
    "\\",
    "%_\\%",
    "$$;SELECT pg_sleep(9)$$",
    "ada\u2019s \U0001f600 \ufffe",
    "../../etc/passwd",
    "\x7f\u0085\u202e",
]
PARAMETERS = [
    *("as_of", "known_at", "known_from", "known_to", "from", "to", "at"),
    *("q", "type", "detail_code", "detail[NOTE]", "detail[' OR 1=1]", "source", "source_id"),
    *("ordering", "expand", "superseded", "limit", "cursor", "entity", "after", "wait"),
    *("actor", "request_id", "batch", "' OR 1=1; --"),
]


def reads(ada: str) -> list[str]:
    """Every path of the service that can be read, with Ada where a thing is named."""
    uuid = ada.rpartition("/")[2]
    routes = [str(one.pattern) for one in get_resolver("entities.v1.urls").url_patterns]
    named = (route.replace("<str:entity_uid>", uuid) for route in routes if "auth" not in route)
    return [f"/api/v1{route.replace('<str:code>', 'PERSON')}" for route in named]


@pytest.mark.parametrize("text", INJECTIONS)
def test_sql_in_every_parameter(ada: str, text: str) -> None:
    """It is taken for the text that it is, or refused; nothing else becomes of it."""
    admin = signed_in("admin")
    before = Entity.objects.count(), EntityDetail.objects.count()
    for path in reads(ada):
        for name in PARAMETERS:
            required = {"as_of": "2024-01-01"} if path.endswith("asof") else {}
            if path.endswith("/diff"):
                required = {"from": "2024-01-01", "to": "2024-01-02"}
            answer = admin.get(path, {**required, name: text})
            assert answer.status_code in (200, 400, 403, 404, 405), (path, name)
            if name == "q" and path in (ENTITIES, "/api/v1/entities-asof"):
                assert answer.json().get("results", []) == [], path
    assert (Entity.objects.count(), EntityDetail.objects.count()) == before


@pytest.mark.parametrize("text", [text for text in INJECTIONS if text.isprintable()])
def test_sql_in_what_is_written_is_text(client: APIClient, types: None, text: str) -> None:
    body = {"entity_type": "PERSON", "display_name": text, "details": {"NOTE": text}}
    made = client.post(ENTITIES, {**body, "source": text, "source_id": text, "reason": text})
    assert made.status_code == 201, made.content
    shown = client.get(made["Location"]).json()
    assert (shown["display_name"], shown["details"]["NOTE"]) == (text, text)
    assert (shown["source"], shown["source_id"]) == (text, text)
    [found] = client.get(ENTITIES, {"q": text, "source": text, "detail[NOTE]": text}).json()[
        "results"
    ]
    assert found["uuid"] == shown["uuid"]
    assert AuditEntry.objects.filter(uuid=shown["uuid"], reason=text).exists()


@pytest.mark.parametrize("segment", ["..%2f..%2fetc", "%00", "%ff", "'--", "a" * 5000, "%E2%80%AE"])
def test_anything_as_a_part_of_a_path(client: APIClient, types: None, segment: str) -> None:
    for path in (ENTITIES, "/api/v1/entity-types", "/api/v1/detail-types"):
        for below in ("", "/history"):
            answer = client.get(f"{path}/{segment}{below}")
            assert answer.status_code in (400, 404), (path, answer.content)


# Edges


@pytest.mark.parametrize(
    ("instant", "status"),
    [
        ("0001-01-01", 200),
        ("0001-01-01T00:00:00+14:00", 400),
        ("0000-01-01", 400),
        ("-4713-01-01", 400),
        ("9999-12-31", 200),
        ("9999-12-31T23:59:59.999999Z", 200),
        ("9999-12-31T23:59:59.999999-12:00", 400),
        ("294277-01-01", 400),
        ("infinity", 400),
        ("-infinity", 400),
        ("2024-02-30", 400),
        ("2024-01-01T24:00:00Z", 400),
        ("٢٠٢٤-01-01", 400),
    ],
)
def test_instants_at_the_edges(client: APIClient, ada: str, instant: str, status: int) -> None:
    assert client.get(ENTITIES, {"as_of": instant}).status_code == status
    assert client.get(ada, {"as_of": instant}).status_code in (status, 404)
    diff = {"from": instant, "to": "9999-12-31"}
    assert client.get("/api/v1/diff", diff).status_code == status
    assert client.get("/api/v1/audit").status_code == 403
    assert signed_in("auditor").get("/api/v1/audit", {"to": instant}).status_code == status


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (2**63 - 1, 200),
        (-(2**63), 200),
        (2**63, 400),
        (-(2**63) - 1, 400),
        (10**400, 400),
        (1e308, 400),
        (True, 400),
        ("1", 400),
    ],
)
def test_whole_numbers_at_the_edges(client: APIClient, ada: str, value: Any, status: int) -> None:
    assert client.patch(ada, {"details": {"EMPLOYEES": value}}).status_code == status


@pytest.mark.parametrize("limit", ["9" * 400, "-1", "1e3", "٣", "0x10", " 1", "1001"])
def test_limits_that_are_none(client: APIClient, types: None, limit: str) -> None:
    assert [field for field, _ in wrong(client.get(ENTITIES, {"limit": limit}))] == ["limit"]


# Names


@pytest.mark.parametrize(
    "character",
    [
        *("\x01", "\t", "\n", "\r", "\x1b", "\x7f", "\x85", "\x9b"),
        *("\u2028", "\u2029"),
        *("\u202a", "\u202b", "\u202c", "\u202d", "\u202e"),
        *("\u2066", "\u2067", "\u2068", "\u2069"),
    ],
)
def test_characters_that_no_name_has(client: APIClient, types: None, character: str) -> None:
    """What ends a line, or turns the direction of what stands beside it, fools who reads."""
    name = f"Ada{character}ecalevoL"
    plain = {"entity_type": "PERSON", "display_name": "Ada"}
    assert wrong(client.post(ENTITIES, {**plain, "display_name": name})) == [
        ("display_name", "invalid_change")
    ]
    named = client.post(ENTITIES, {**plain, "source": "feed", "source_id": name})
    assert wrong(named) == [("source_id", "invalid_change")]
    steward = signed_in("steward")
    assert wrong(steward.post("/api/v1/entity-types", {"code": "NEW", "name": name})) == [
        ("name", "invalid_change")
    ]
    answer = client.post(f"{ENTITIES}/bulk", [{**plain, "display_name": name}], format="json")
    assert answer.status_code == 400
    assert Entity.objects.count() == 0


@pytest.mark.parametrize(
    "name",
    [
        "Łódź",
        "株式会社",
        "شرکت‌ها",
        "שלום",
        "Аdа",
        "Ada",
        "Ａｄａ",
        "é",
    ],
)
def test_names_in_any_script_are_kept_as_they_are(
    client: APIClient, types: None, name: str
) -> None:
    """Who looks alike is not the same: nothing is folded, and nothing is refused for its looks."""
    body = {"entity_type": "PERSON", "display_name": name}
    made = client.post(ENTITIES, body)
    assert client.get(made["Location"]).json()["display_name"] == name
    assert [row["display_name"] for row in client.get(ENTITIES, {"q": name}).json()["results"]] == [
        name
    ]


# Patterns


@pytest.mark.parametrize(
    "pattern",
    ["(a*)*b", "(a|aa)+$", "(a|a?)+b", "([a-z]+)*[0-9]", "(.*)*x", "(a?){30}a{30}", "(x+x+)+y"],
)
def test_a_pattern_takes_no_more_than_a_moment(types: None, pattern: str) -> None:
    """PostgreSQL matches without going back; the longest text that is matched is bounded."""
    steward = signed_in("steward")
    body = {"code": "SLOW", "name": "Slow", "data_type": "text", "pattern": pattern}
    assert steward.post("/api/v1/detail-types", body).status_code == 201
    began = time.monotonic()
    for text in ("a" * 999 + "!", "x" * 999 + "!", "a" * 9_000):
        said = {"entity_type": "PERSON", "display_name": "Ada", "details": {"SLOW": text}}
        assert steward.post(ENTITIES, said).status_code in (201, 400)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("pattern", [r"(a)\1", "(", "[", "a{999999}", "(?<=a)" * 60, "\x00"])
def test_a_pattern_that_is_none_or_could_be_slow_is_refused(types: None, pattern: str) -> None:
    body = {"code": "BAD", "name": "Bad", "data_type": "text", "pattern": pattern}
    answer = signed_in("steward").post("/api/v1/detail-types", body)
    assert [field for field, _ in wrong(answer)] == ["pattern"]
