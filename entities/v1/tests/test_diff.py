import itertools
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models.scd2 import Change
from core.tests.doors import apply_changes
from entities.models import Entity
from entities.v1.tests.conftest import SYSTEM, problem, wrong

URL = "/api/v1/diff"
YEAR = "from=2021-01-01&to=2021-12-31"


def results(client: APIClient, query: str) -> list[Any]:
    response = client.get(f"{URL}?{query}")
    assert response.status_code == 200, response.json()
    found: list[Any] = response.json()["results"]
    return found


def uuid_of(url: str) -> str:
    return url.rpartition("/")[2]


def test_what_changed_by_entity_and_field(client: APIClient, ada: str) -> None:
    client.patch(ada, {"display_name": "Ada King", "valid_from": "2021-07-08"})
    client.patch(ada, {"details": {"EMPLOYEES": 13}, "valid_from": "2021-02-01"})
    client.patch(ada, {"details": {"EMPLOYEES": 14}, "valid_from": "2021-12-31T12:00:00Z"})
    answer = client.get(f"{URL}?{YEAR}").json()
    basis = answer["known_to"]
    assert answer == {
        "from": "2021-01-01T00:00:00Z",
        "to": "2021-12-31T23:59:59.999999Z",
        "known_from": basis,
        "known_to": basis,
        "results": [
            {
                "uuid": uuid_of(ada),
                "source": None,
                "source_id": None,
                "entity_type": "PERSON",
                "display_name": "Ada King",
                "change": "updated",
                "fields": {
                    "display_name": {
                        "before": "Ada Lovelace",
                        "after": "Ada King",
                        "transitions": [
                            {
                                "at": "2021-07-08T00:00:00Z",
                                "before": "Ada Lovelace",
                                "after": "Ada King",
                                "correction": True,
                            }
                        ],
                    },
                    "details.EMPLOYEES": {
                        "before": 12,
                        "after": 14,
                        "transitions": [
                            {
                                "at": "2021-02-01T00:00:00Z",
                                "before": 12,
                                "after": 13,
                                "correction": True,
                            },
                            {
                                "at": "2021-12-31T12:00:00Z",
                                "before": 13,
                                "after": 14,
                                "correction": True,
                            },
                        ],
                    },
                },
            }
        ],
        "masked": [],
        "next": None,
        "previous": None,
    }


def test_what_began_and_what_ended(client: APIClient, ada: str) -> None:
    body = {"entity_type": "BANK", "display_name": "Bank", "details": {"ACTIVE": True}}
    bank = client.post("/api/v1/entities", {**body, "valid_from": "2021-06-01"}).json()
    key = {"uuid": uuid_of(ada)}
    end = Change(key, None, Entity.objects.get(uuid=key["uuid"]).valid_from.replace(year=2021))
    apply_changes([(Entity, [end])], SYSTEM)
    found = {item["uuid"]: item for item in results(client, YEAR)}
    assert found[bank["uuid"]]["change"] == "created"
    assert found[bank["uuid"]]["fields"] == {
        "entity_type": step("2021-06-01T00:00:00Z", None, "BANK"),
        "display_name": step("2021-06-01T00:00:00Z", None, "Bank"),
        "details.ACTIVE": step("2021-06-01T00:00:00Z", None, True),
    }
    assert found[key["uuid"]]["change"] == "ended"
    assert found[key["uuid"]]["display_name"] == "Ada Lovelace"
    assert found[key["uuid"]]["fields"]["details.EMPLOYEES"] == step(
        "2021-01-01T00:00:00Z", 12, None, correction=True
    )


def step(at: str, before: Any, after: Any, correction: bool = False) -> dict[str, Any]:
    told = {"before": before, "after": after}
    return {**told, "transitions": [{"at": at, **told, "correction": correction}]}


def test_what_came_and_went_is_no_change(client: APIClient, ada: str) -> None:
    body = {"display_name": "X", "valid_from": "2021-02-01", "valid_to": "2021-03-01"}
    client.patch(ada, body)
    assert results(client, YEAR) == []
    assert len(results(client, "from=2021-01-01&to=2021-02-15")) == 1


def test_the_edges_of_the_days(client: APIClient, ada: str) -> None:
    client.patch(ada, {"display_name": "Ada King", "valid_from": "2021-07-08"})
    assert len(results(client, "from=2021-07-08&to=2021-07-08")) == 1
    assert results(client, "from=2021-07-07&to=2021-07-07") == []
    assert results(client, "from=2021-07-09&to=2021-07-09") == []
    assert len(results(client, "from=2021-07-08T00:00:00Z&to=2021-07-08T00:00:00Z")) == 1
    assert results(client, "from=2021-07-08T00:00:00.000001Z&to=2021-07-09") == []
    assert len(results(client, "from=0001-01-01&to=9999-12-31")) == 1


def test_a_change_of_belief_alone_has_no_transition(client: APIClient, ada: str) -> None:
    before = client.get("/api/v1/entities").json()["basis"]["known_at"]
    client.patch(ada, {"display_name": "Ada Byron", "valid_from": "2020-01-01"})
    assert results(client, YEAR) == []
    for query in (f"{YEAR}&known_from={before}", f"at=2021-06-01&known_from={before}"):
        [change] = results(client, query)
        assert change["change"] == "updated"
        assert change["fields"] == {
            "display_name": {"before": "Ada Lovelace", "after": "Ada Byron", "transitions": []}
        }
    assert results(client, f"at=2021-06-01&known_from={before}&known_to={before}") == []


def test_at_one_instant_steps_do_not_count(client: APIClient, ada: str) -> None:
    client.patch(ada, {"display_name": "Ada King", "valid_from": "2021-06-01"})
    assert results(client, "at=2021-06-01T00:00:00Z") == []
    assert results(client, "at=9999-12-31") == []
    assert results(client, "at=0001-01-01") == []
    answer = client.get(f"{URL}?at=2021-06-01").json()
    assert (answer["from"], answer["to"]) == ("2021-06-01T23:59:59.999999Z",) * 2


@pytest.fixture
def many(client: APIClient, types: None) -> list[str]:
    uuids = []
    for number in range(5):
        kind = "BANK" if number % 2 else "PERSON"
        body = {"entity_type": kind, "display_name": f"N {number}", "valid_from": "2021-03-01"}
        uuids.append(client.post("/api/v1/entities", body).json()["uuid"])
    return sorted(uuids)


@pytest.mark.parametrize("limit", [1, 2, 4, 5, 6])
def test_its_pages(client: APIClient, many: list[str], limit: int) -> None:
    url, pages = f"{URL}?{YEAR}&limit={limit}", []
    while url:
        pages.append(client.get(url).json())
        url = pages[-1]["next"]
    assert [item["uuid"] for page in pages for item in page["results"]] == many
    for page, following in itertools.pairwise(pages):
        assert client.get(following["previous"]).json()["results"] == page["results"]
        assert following["known_to"] == page["known_to"]


def test_of_one_type_or_one_entity(client: APIClient, many: list[str]) -> None:
    banks = results(client, f"{YEAR}&type=BANK")
    assert {item["display_name"] for item in banks} == {"N 1", "N 3"}
    assert [item["uuid"] for item in results(client, f"{YEAR}&entity={many[2]}")] == [many[2]]
    nobody = "00000000-0000-0000-0000-000000000001"
    assert results(client, f"{YEAR}&entity={nobody}") == []


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("", ("from", "period")),
        ("from=2021-01-01", ("to", "period")),
        ("to=2021-01-01", ("from", "period")),
        ("at=2021-01-01&from=2021-01-01", ("at", "period")),
        ("from=2021-01-02&to=2021-01-01", ("to", "empty_period")),
        ("from=2021-01-01T00:00:00&to=2021-01-02", ("from", "naive")),
        ("from=2021-01-01&to=tomorrow", ("to", "invalid")),
        ("from_=2021-01-01&to=2021-01-02", ("from_", "unknown")),
        (f"{YEAR}&known_from=9999-12-31", ("known_from", "in_the_future")),
        (f"{YEAR}&known_to=9999-12-31", ("known_to", "in_the_future")),
        (f"{YEAR}&known_at=2021-01-01", ("known_at", "unknown")),
        (f"{YEAR}&type=NOBODY", ("type", "unknown_type")),
        (f"{YEAR}&source=other", ("source", "unknown_source")),
        (f"{YEAR}&entity=7", ("entity", "invalid")),
        (f"{YEAR}&limit=0", ("limit", "min_value")),
    ],
)
def test_what_is_wrong_is_named(
    client: APIClient, types: None, query: str, fault: tuple[str, str]
) -> None:
    assert wrong(client.get(f"{URL}?{query}")) == [fault]


def test_it_is_read_only(client: APIClient) -> None:
    problem(client.post(URL, {}), 405, "method_not_allowed")


def test_the_number_of_statements_does_not_grow(
    client: APIClient, many: list[str], django_assert_max_num_queries: Any
) -> None:
    for limit in (1, 5):
        with django_assert_max_num_queries(5):
            client.get(f"{URL}?{YEAR}&limit={limit}")


def test_the_changes_of_one_source(client: APIClient, ada: str) -> None:
    body = {"entity_type": "BANK", "display_name": "Bank", "valid_from": "2021-06-01"}
    for source, source_id in (("feed", "1"), ("feed", "2"), ("other", "1")):
        client.post("/api/v1/entities", {**body, "source": source, "source_id": source_id})
    client.patch(ada, {"display_name": "Ada King", "valid_from": "2021-07-08"})
    named = [(item["source"], item["source_id"]) for item in results(client, YEAR)]
    assert sorted(named, key=str) == [("feed", "1"), ("feed", "2"), ("other", "1"), (None, None)]
    for query in (YEAR, "at=2021-12-31&known_from=2021-01-01"):
        found = results(client, f"{query}&source=feed&type=BANK")
        assert {(item["source"], item["source_id"]) for item in found} == {
            ("feed", "1"),
            ("feed", "2"),
        }
    page = client.get(f"{URL}?{YEAR}&source=feed&limit=1").json()
    [second] = client.get(page["next"]).json()["results"]
    assert {page["results"][0]["source_id"], second["source_id"]} == {"1", "2"}
    assert results(client, "from=2001-01-01&to=2001-12-31&source=feed") == []
