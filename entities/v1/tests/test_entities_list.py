import itertools
from urllib.parse import quote

import pytest
from rest_framework.test import APIClient

from core.tests.databases import CommittedDatabase
from entities.models import Entity
from entities.v1.tests.conftest import make_types, problem, signed_in, wrong

URL = "/api/v1/entities"
PEOPLE = [
    ("Ada Lovelace", "PERSON", "2020-01-01", {"EMAIL": "ada@example.org", "EMPLOYEES": 12}),
    ("Blaise Pascal", "PERSON", "2020-02-01", {}),
    ("Bank of Nowhere", "BANK", "2020-01-01", {"EMPLOYEES": 7}),
    ("Jürgen Müller", "PERSON", "2020-03-01", {"NOTE": "x"}),
    ("Наталья Иванова", "PERSON", "2020-04-01", {}),
    ("日本銀行", "BANK", "2020-05-01", {"EMPLOYEES": 9}),
    ("100 % _sure\\", "BANK", "2020-06-01", {}),
]


@pytest.fixture
def people(client: APIClient, types: None) -> None:
    add_people(client)


def add_people(client: APIClient) -> None:
    for number, (name, entity_type, start, details) in enumerate(PEOPLE):
        body = {
            "entity_type": entity_type,
            "display_name": name,
            "details": details,
            "valid_from": start,
            "source": "feed",
            "source_id": str(number),
        }
        assert client.post(URL, body).status_code == 201


def names(client: APIClient, query: str = "") -> set[str]:
    response = client.get(f"{URL}?{query}")
    assert response.status_code == 200, response.json()
    return {item["display_name"] for item in response.json()["results"]}


def walk(client: APIClient, url: str | None) -> list[str]:
    found = []
    while url:
        answer = client.get(url).json()
        found += [item["display_name"] for item in answer["results"]]
        url = answer["next"]
    return found


def test_an_empty_list(client: APIClient) -> None:
    answer = client.get(URL).json()
    known_at = answer["basis"]["known_at"]
    assert answer == {
        "results": [],
        "basis": {"as_of": known_at, "known_at": known_at},
        "next": None,
        "previous": None,
    }


def test_an_item(client: APIClient, people: None) -> None:
    [item] = client.get(f"{URL}?q=lovelace").json()["results"]
    row = Entity.objects.get(display_name="Ada Lovelace")
    assert list(item.items()) == [
        ("uuid", str(row.uuid)),
        ("source", "feed"),
        ("source_id", "0"),
        ("entity_type", "PERSON"),
        ("display_name", "Ada Lovelace"),
        ("valid_from", "2020-01-01T00:00:00Z"),
        ("valid_to", None),
        ("is_current", True),
        ("system_from", row.system_from.isoformat().replace("+00:00", "Z")),
        ("hash_diff", row.hash_diff.hex()),
    ]


def test_with_their_details(client: APIClient, people: None) -> None:
    answer = client.get(f"{URL}?expand=details").json()
    details = {item["display_name"]: item["details"] for item in answer["results"]}
    assert details == {name: details for name, _, _, details in PEOPLE}
    [item] = client.get(f"{URL}?expand=details&q=Lovelace").json()["results"]
    assert item == client.get(f"{URL}/{item['uuid']}").json()


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("LOVE", {"Ada Lovelace"}),
        ("a", {"Ada Lovelace", "Blaise Pascal", "Bank of Nowhere"}),
        ("mÜLL", {"Jürgen Müller"}),
        ("НАТАЛЬЯ", {"Наталья Иванова"}),
        ("本銀", {"日本銀行"}),
        ("%", {"100 % _sure\\"}),
        ("_", {"100 % _sure\\"}),
        ("\\", {"100 % _sure\\"}),
        ("nobody", set()),
        (
            " ",
            {"Ada Lovelace", "Blaise Pascal", "Bank of Nowhere", "Jürgen Müller"}
            | {"Наталья Иванова", "100 % _sure\\"},
        ),
    ],
)
def test_by_a_part_of_the_name(client: APIClient, people: None, q: str, found: set[str]) -> None:
    assert names(client, f"q={quote(q)}") == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type=BANK", {"Bank of Nowhere", "日本銀行", "100 % _sure\\"}),
        ("detail_code=EMPLOYEES", {"Ada Lovelace", "Bank of Nowhere", "日本銀行"}),
        ("detail_code=EMPLOYEES&type=PERSON", {"Ada Lovelace"}),
        ("detail_code=SEEN", set()),
        ("source=feed&source_id=3", {"Jürgen Müller"}),
        ("source=feed&as_of=2019-12-31", set()),
        ("source_id=1", {"Blaise Pascal"}),
        ("q=o&type=BANK&detail_code=EMPLOYEES", {"Bank of Nowhere"}),
        ("as_of=2020-02-29&type=PERSON", {"Ada Lovelace", "Blaise Pascal"}),
        ("as_of=2019-12-31", set()),
    ],
)
def test_by_what_they_are(client: APIClient, people: None, query: str, found: set[str]) -> None:
    assert names(client, query) == found


VALUES = {
    "EMPLOYEES": 12,
    "EQUITY": "12.5",
    "ACTIVE": True,
    "FOUNDED": "1870-03-10",
    "SEEN": "2024-01-02T09:30:00Z",
    "EXTRA": {"a": [1, "ü"], "b": None},
    "NOTE": "50 % & more",
}


@pytest.fixture
def valued(client: APIClient, people: None) -> None:
    """One that has a value of every type, and one that has others."""
    body = {"entity_type": "BANK", "valid_from": "2020-01-01"}
    client.post(URL, {**body, "display_name": "This", "details": VALUES})
    others = {"EMPLOYEES": 13, "NOTE": "50 % & less", "ACTIVE": False}
    client.post(URL, {**body, "display_name": "That", "details": others})


@pytest.mark.parametrize(
    "query",
    [
        "detail[EMPLOYEES]=12&type=BANK",
        "detail[EQUITY]=12.50",
        "detail[EQUITY]=0012.5",
        "detail[ACTIVE]=true",
        "detail[FOUNDED]=1870-03-10",
        "detail[SEEN]=2024-01-02T10:30:00%2B01:00",
        'detail[EXTRA]={"b":null, "a":[1,"%C3%BC"]}',
        "detail[NOTE]=50 %25 %26 more",
        "detail%5BNOTE%5D=50 %25 %26 more",
        "detail[NOTE]=50 %25 %26 more&detail[ACTIVE]=true&detail_code=FOUNDED&q=this",
    ],
)
def test_by_the_values_of_details(client: APIClient, valued: None, query: str) -> None:
    assert names(client, query) == {"This"}


def test_all_values_that_are_asked_for_must_be_held(client: APIClient, valued: None) -> None:
    assert names(client, "detail[ACTIVE]=true&detail[EMPLOYEES]=13") == set()
    assert names(client, "detail[ACTIVE]=false&detail[EMPLOYEES]=13") == {"That"}
    assert names(client, "detail[EMPLOYEES]=12") >= {"This"}


def test_a_value_is_asked_for_at_the_same_instant(client: APIClient, valued: None) -> None:
    [item] = client.get(f"{URL}?detail[ACTIVE]=true").json()["results"]
    path = f"{URL}/{item['uuid']}"
    client.patch(path, {"details": {"ACTIVE": False}, "valid_from": "2024-01-01"})
    query = "detail[ACTIVE]=true"
    before = item["system_from"]
    assert names(client, query) == set()
    assert names(client, f"{query}&as_of=2023-12-31") == {"This"}
    assert names(client, f"{query}&known_at={before}") == {"This"}
    assert names(client, f"detail[ACTIVE]=false&known_at={before}") == set()
    assert names(client, "detail[ACTIVE]=false&as_of=2024-01-01") == {"This", "That"}


def test_a_cursor_brings_the_values(client: APIClient, valued: None) -> None:
    client.post(URL, {"entity_type": "BANK", "display_name": "It", "details": {"ACTIVE": True}})
    answer = client.get(f"{URL}?detail[ACTIVE]=true&limit=1").json()
    assert walk(client, answer["next"]) == ["This"]
    narrower = f"{answer['next']}&detail[EMPLOYEES]=13"
    assert wrong(client.get(narrower)) == [("detail[EMPLOYEES]", "pinned")]


def test_several_faults_are_all_named(client: APIClient, types: None) -> None:
    query = "detail_code=NOTHING&detail[NOTHING]=1&detail[EMPLOYEES]=x"
    assert wrong(client.get(f"{URL}?{query}")) == [
        ("detail_code", "unknown_detail"),
        ("detail[NOTHING]", "unknown_detail"),
        ("detail[EMPLOYEES]", "value_does_not_fit"),
    ]


def test_a_filter_asks_at_the_same_instant(client: APIClient, people: None) -> None:
    [item] = client.get(f"{URL}?q=Lovelace").json()["results"]
    body = {"display_name": "Ada King", "details": {"EMPLOYEES": None}, "valid_from": "2021-01-01"}
    client.patch(f"{URL}/{item['uuid']}", body)
    assert names(client, "q=Ada") == {"Ada King"}
    assert names(client, "q=Ada&as_of=2020-12-31") == {"Ada Lovelace"}
    assert "Ada King" not in names(client, "detail_code=EMPLOYEES")
    assert "Ada Lovelace" in names(client, "detail_code=EMPLOYEES&as_of=2020-12-31")


def test_as_it_was_known(client: APIClient, people: None) -> None:
    before = client.get(URL).json()["basis"]["known_at"]
    [item] = client.get(f"{URL}?q=Lovelace").json()["results"]
    client.patch(f"{URL}/{item['uuid']}", {"display_name": "Wrong", "valid_from": "2020-01-01"})
    assert "Ada Lovelace" not in names(client)
    assert "Ada Lovelace" in names(client, f"known_at={before}")
    assert names(client, "known_at=2020-01-01") == set()


@pytest.mark.parametrize("ordering", ["display_name", "-display_name", "valid_from", "-valid_from"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_every_ordering_pages_through_all_and_back(
    client: APIClient, people: None, ordering: str, limit: int
) -> None:
    whole = walk(client, f"{URL}?ordering={ordering}")
    assert sorted(whole) == sorted(name for name, *_ in PEOPLE)
    url, pages = f"{URL}?ordering={ordering}&limit={limit}", []
    while url:
        pages.append(client.get(url).json())
        url = pages[-1]["next"]
    shown = [item["display_name"] for page in pages for item in page["results"]]
    assert shown == whole
    assert pages[0]["previous"] is None
    for page, following in itertools.pairwise(pages):
        assert client.get(following["previous"]).json()["results"] == page["results"]
    starts = {name: start for name, _, start, _ in PEOPLE}
    if "valid_from" in ordering:
        by_start = [starts[name] for name in whole]
        assert by_start == sorted(by_start, reverse=ordering.startswith("-"))


def test_the_ordering_down_is_the_ordering_up_turned(client: APIClient, people: None) -> None:
    for column in ("display_name", "valid_from"):
        up = walk(client, f"{URL}?ordering={column}")
        assert walk(client, f"{URL}?ordering=-{column}") == up[::-1]


def test_pages_answer_for_one_basis(client: APIClient, people: None) -> None:
    first = client.get(f"{URL}?limit=3").json()
    client.post(URL, {"entity_type": "BANK", "display_name": "Zzz", "valid_from": "2020-01-01"})
    names_now = {name for name, *_ in PEOPLE}
    later = walk(client, first["next"])
    assert {item["display_name"] for item in first["results"]} | set(later) == names_now
    assert client.get(first["next"]).json()["basis"] == first["basis"]


def test_a_settled_list_is_the_same_for_ever(committed_db: CommittedDatabase) -> None:
    client = signed_in("steward")
    make_types()
    add_people(client)
    settled = client.get(f"{URL}?known_at=settled&as_of=2024-01-01").json()
    known_at = settled["basis"]["known_at"]
    client.post(URL, {"entity_type": "BANK", "display_name": "New", "valid_from": "2020-01-01"})
    again = client.get(f"{URL}?known_at={known_at}&as_of=2024-01-01").json()
    assert again == settled
    assert len(again["results"]) == len(PEOPLE)


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("type=NOBODY", ("type", "unknown_type")),
        ("source=other", ("source", "unknown_source")),
        ("source=other&expand=details&known_at=settled", ("source", "unknown_source")),
        ("type=", ("type", "blank")),
        ("detail_code=NOTHING", ("detail_code", "unknown_detail")),
        ("detail[NOTHING]=1", ("detail[NOTHING]", "unknown_detail")),
        ("detail[EMPLOYEES]=many", ("detail[EMPLOYEES]", "value_does_not_fit")),
        ("detail[EMPLOYEES]=", ("detail[EMPLOYEES]", "value_does_not_fit")),
        ("detail[EQUITY]=1,5", ("detail[EQUITY]", "value_does_not_fit")),
        ("detail[NOTE]=%00", ("detail[NOTE]", "value_does_not_fit")),
        ("detail[%00]=1", ("detail[\0]", "unknown_detail")),
        ("detail[NOTE]=a&detail[NOTE]=b", ("detail[NOTE]", "repeated")),
        ("detail[]=1", ("detail[]", "unknown")),
        ("detail=1", ("detail", "unknown")),
        ("detail[NOTE][x]=1", ("detail[NOTE][x]", "unknown")),
        ("type=%00", ("type", "null_characters_not_allowed")),
        ("q=", ("q", "blank")),
        ("q=%00", ("q", "null_characters_not_allowed")),
        ("q=" + "a" * 501, ("q", "max_length")),
        ("source=a&source=b", ("source", "repeated")),
        ("ordering=name", ("ordering", "invalid_choice")),
        ("ordering=display_name,uuid", ("ordering", "invalid_choice")),
        ("expand=everything", ("expand", "invalid_choice")),
        ("limit=0", ("limit", "min_value")),
        ("limit=1001", ("limit", "max_value")),
        ("offset=10", ("offset", "unknown")),
        ("entity_type=BANK", ("entity_type", "unknown")),
        ("as_of=2024-01-01T00:00:00", ("as_of", "naive")),
        ("as_of=2024-02-30", ("as_of", "invalid")),
        ("known_at=9999-12-31", ("known_at", "in_the_future")),
        ("cursor=abc", ("cursor", "invalid")),
    ],
)
def test_what_is_wrong_is_named(
    client: APIClient, types: None, query: str, fault: tuple[str, str]
) -> None:
    assert wrong(client.get(f"{URL}?{query}")) == [fault]


def test_a_cursor_of_another_list(client: APIClient, people: None) -> None:
    following = client.get(f"{URL}?limit=1").json()["next"]
    other = following.replace("/entities?", "/entities-asof?")
    assert wrong(client.get(other)) == [("cursor", "invalid")]


def test_only_get_and_post(client: APIClient) -> None:
    for method in ("put", "patch", "delete"):
        response = getattr(client, method)(URL)
        problem(response, 405, "method_not_allowed")
        assert response["Allow"] == "GET, POST, HEAD, OPTIONS"
