import pytest
from rest_framework.test import APIClient

from core.models.scd2 import Change
from core.tests.doors import apply_changes
from entities.models import Entity, EntityDetail
from entities.v1.tests.conftest import SYSTEM, problem, wrong


def test_an_entity(client: APIClient, ada: str) -> None:
    response = client.get(ada)
    row = Entity.objects.get()
    assert response.status_code == 200
    assert list(response.json().items()) == [
        ("uuid", str(row.uuid)),
        ("source", None),
        ("source_id", None),
        ("entity_type", "PERSON"),
        ("display_name", "Ada Lovelace"),
        ("valid_from", "2020-01-01T00:00:00Z"),
        ("valid_to", None),
        ("is_current", True),
        ("system_from", row.system_from.isoformat().replace("+00:00", "Z")),
        ("hash_diff", row.hash_diff.hex()),
        ("details", {"EMAIL": "ada@example.org", "EMPLOYEES": 12}),
        ("masked", []),
    ]


def test_a_whole_number_beyond_64_bits_keeps_its_digits(client: APIClient, ada: str) -> None:
    client.patch(ada, {"details": {"EXTRA": [2**80]}})
    assert client.get(ada).json()["details"]["EXTRA"] == [2**80]


def test_as_of_an_instant(client: APIClient, ada: str) -> None:
    client.patch(ada, {"display_name": "Ada King", "valid_from": "2021-07-08T12:00:00Z"})

    def name(as_of: str) -> str:
        return str(client.get(f"{ada}?as_of={as_of}").json()["display_name"])

    assert name("2021-07-07") == "Ada Lovelace"
    assert name("2021-07-08") == "Ada King"
    assert name("2021-07-08T11:59:59.999999Z") == "Ada Lovelace"
    assert name("2021-07-08T12:00:00Z") == "Ada King"
    assert name("2021-07-08T14:00:00%2B02:00") == "Ada King"
    assert client.get(f"{ada}?as_of=2021-07-07").json()["valid_to"] == "2021-07-08T12:00:00Z"


def test_as_it_was_known(client: APIClient, ada: str) -> None:
    before = client.get("/api/v1/entities").json()["basis"]["known_at"]
    body = {"display_name": "Ada King", "valid_from": "2021-01-01", "details": {"EMAIL": None}}
    client.patch(ada, body)
    now = client.get(f"{ada}?as_of=2020-06-01").json()
    then = client.get(f"{ada}?as_of=2020-06-01&known_at={before}").json()
    assert (now["valid_to"], now["is_current"]) == ("2021-01-01T00:00:00Z", False)
    assert (then["valid_to"], then["is_current"]) == (None, True)
    later = client.get(f"{ada}?as_of=2022-01-01&known_at={before}").json()
    assert (later["display_name"], later["details"]["EMAIL"]) == (
        "Ada Lovelace",
        "ada@example.org",
    )


def test_before_it_was_known_there_was_nothing(client: APIClient, ada: str) -> None:
    response = client.get(f"{ada}?known_at=2020-06-01")
    problem(response, 404, "not_found")


def test_where_it_is_not_valid(client: APIClient, ada: str) -> None:
    uuid = Entity.objects.get().uuid
    answer = problem(client.get(f"{ada}?as_of=2019-12-31"), 404, "not_valid_then")
    assert answer["valid_periods"] == [{"valid_from": "2020-01-01T00:00:00Z", "valid_to": None}]
    assert answer["history"] == f"{ada}/history"
    assert answer["detail"] == (
        f"The entity {uuid} is not valid at 2019-12-31T23:59:59.999999+00:00."
    )
    assert client.get(answer["history"]).status_code == 200


@pytest.mark.parametrize(
    "uid", ["00000000-0000-0000-0000-000000000001", "7", "ada", "%00", "a%2Fb", "0" * 32]
)
def test_what_is_no_entity(client: APIClient, ada: str, uid: str) -> None:
    for path in (f"/api/v1/entities/{uid}", f"/api/v1/entities/{uid}/history"):
        assert client.get(path).status_code == 404
    assert client.patch(f"/api/v1/entities/{uid}", {"display_name": "A"}).status_code == 404


def test_a_uuid_in_capitals_is_the_same(client: APIClient, ada: str) -> None:
    head, _, uuid = ada.rpartition("/")
    assert client.get(f"{head}/{uuid.upper()}").json()["uuid"] == uuid


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("as_of=2024-01-01T00:00:00", ("as_of", "naive")),
        ("as_of=2024-13-01", ("as_of", "invalid")),
        ("as_of=now", ("as_of", "invalid")),
        ("known_at=9999-12-31", ("known_at", "in_the_future")),
        ("known_at=0000-01-01", ("known_at", "invalid")),
        ("expand=details", ("expand", "unknown")),
        ("as_of=2024-01-01&as_of=2024-01-02", ("as_of", "repeated")),
    ],
)
def test_what_is_wrong_is_named(
    client: APIClient, ada: str, query: str, fault: tuple[str, str]
) -> None:
    assert wrong(client.get(f"{ada}?{query}")) == [fault]


def test_the_edges_of_time(client: APIClient, ada: str) -> None:
    problem(client.get(f"{ada}?as_of=0001-01-01"), 404, "not_valid_then")
    assert client.get(f"{ada}?as_of=9999-12-31").status_code == 200
    problem(client.get(f"{ada}?as_of=0001-01-01&known_at=0001-01-01"), 404, "not_found")


def test_the_tag_changes_with_every_version_shown(client: APIClient, ada: str) -> None:
    tags = [client.get(ada)["ETag"]]
    for change in (
        {"display_name": "Ada King"},
        {"details": {"EMAIL": "ada@example.com"}},
        {"details": {"EMAIL": "ada@example.org"}},
        {"details": {"EMAIL": None}},
        {"details": {"ACTIVE": True}},
    ):
        client.patch(ada, change)
        tags.append(client.get(ada)["ETag"])
    assert len(set(tags)) == 6


def test_the_tag_saves_the_body(client: APIClient, ada: str) -> None:
    etag = client.get(ada)["ETag"]
    response = client.get(ada, headers={"If-None-Match": etag})
    assert (response.status_code, response.content) == (304, b"")
    assert client.get(ada, headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.get(ada)["ETag"] == etag
    assert wrong(client.get(ada, headers={"If-None-Match": "bare"})) == [
        ("If-None-Match", "invalid")
    ]


def test_an_ended_entity_takes_its_details_along(client: APIClient, ada: str) -> None:
    row = Entity.objects.get()
    apply_changes([(Entity, [Change({"uuid": row.uuid}, None)]), (EntityDetail, [])], SYSTEM)
    problem(client.get(ada), 404, "not_valid_then")
    shown = client.get(f"{ada}?as_of=2020-06-01").json()
    assert shown["details"] == {"EMAIL": "ada@example.org", "EMPLOYEES": 12}


def test_a_snapshot_of_one_state_only(client: APIClient, ada: str) -> None:
    etag = client.get(ada)["ETag"]
    assert client.get(ada, headers={"If-Match": etag}).status_code == 200
    for given in ('"other"', f"W/{etag}"):
        response = client.get(ada, headers={"If-Match": given})
        assert problem(response, 412, "precondition_failed")
        assert response["ETag"] == etag


def test_a_body_is_refused(client: APIClient, ada: str) -> None:
    response = client.generic("GET", ada, "{}", "application/json")
    assert wrong(response) == [("body", "unexpected")]
