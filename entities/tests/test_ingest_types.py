"""Types from a file, and a register that is filled with its past."""

from __future__ import annotations

import io
import json
import re
import textwrap
from typing import Any

import pytest
from django.core.management import call_command

from core.env import ROOT
from core.models import AuditEntry
from core.models.scd2 import Outcome
from entities import services
from entities.models import DetailType, Entity, EntityType
from entities.selectors import entity_snapshot, type_snapshot
from entities.tests.conftest import ADA, create, day
from entities.tests.feed import SOURCE, Feed, did
from entities.v1.tests.conftest import signed_in

GUIDE = (
    (ROOT / "docs" / "ingestion.md")
    .read_text(encoding="utf-8")
    .partition("## History that another system recorded")[2]
)
TYPES = (
    "kind,code,name,data_type,pattern,is_pii,valid_from\n"
    "entity_type,BANK,Bank,,,,\n"
    'detail_type,LEI,LEI,text,"[A-Z0-9]{4}",,2000-01-01\n'
    "detail_type,PHONE,Phone,text,,true,\n"
)
JSON = (
    {"kind": "entity_type", "code": "BANK", "name": "Bank"},
    {
        "kind": "detail_type",
        "code": "LEI",
        "name": "LEI",
        "data_type": "text",
        "pattern": "[A-Z0-9]{4}",
        "valid_from": "2000-01-01",
    },
    {"kind": "detail_type", "code": "PHONE", "name": "Phone", "data_type": "text", "is_pii": True},
)
FORMS = [("types.csv", TYPES), ("types.jsonl", "\n".join(map(json.dumps, JSON)))]


@pytest.fixture
def empty(committed_db: Any, tmp_path: Any) -> Feed:
    """A register without types of its own, and a folder of files."""
    return Feed(tmp_path)


def load(feed: Feed, content: str, *options: str, name: str = "types.csv") -> Any:
    answer = feed.call("ingest_types", str(feed.write(name, content)), "--json", *options)
    assert (answer.code, answer.err) == (0, "")
    return answer.json


def counts(**given: int) -> dict[str, int]:
    return Outcome(**given).as_dict()


@pytest.mark.parametrize(("name", "content"), FORMS)
def test_both_kinds_in_one_file(empty: Feed, name: str, content: str) -> None:
    assert load(empty, content, name=name) == {
        "read": 3,
        "entity_types": counts(opened=1),
        "detail_types": counts(opened=2),
        "values_not_matching": {},
    }
    again = load(empty, content, name=name)
    assert (again["entity_types"], again["detail_types"]) == (
        counts(unchanged=1),
        counts(unchanged=2),
    )
    lei, phone = (type_snapshot(DetailType, code) for code in ("LEI", "PHONE"))
    assert lei is not None
    assert phone is not None
    assert (lei["pattern"], lei["valid_from"], lei["is_pii"]) == ("[A-Z0-9]{4}", day(2000), False)
    assert (phone["valid_from"].year, phone["is_pii"], phone["description"]) == (1, True, "")
    assert DetailType.objects.values("system_from").distinct().count() == 1


def test_rows_amend_and_end(empty: Feed) -> None:
    load(empty, TYPES)
    load(
        empty,
        "kind,op,code,name,pattern,valid_from\n"
        "detail_type,,LEI,,\\N,2010-01-01\n"
        "entity_type,,BANK,Banks,,2010-01-01\n"
        "entity_type,end,INSTITUTION,,,2020-01-01\n",
    )
    assert [type_snapshot(DetailType, "LEI", as_of=day(y))["pattern"] for y in (2009, 2010)] == [  # type: ignore[index]
        "[A-Z0-9]{4}",
        None,
    ]
    assert type_snapshot(EntityType, "BANK")["name"] == "Banks"  # type: ignore[index]
    assert type_snapshot(EntityType, "INSTITUTION") is None
    call_command("verify", stdout=io.StringIO())


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("type,X,X,,,,", "kind: Expected one of entity_type, detail_type."),
        ("entity_type,X,X,text,,,", "There is no field 'data_type' of this kind."),
        ("entity_type,x,X,,,,", "A code is made of A to Z, 0 to 9 and _, a letter first."),
        ("detail_type,X,X,number,,,", "data_type: A data type is one of"),
        ("detail_type,X,X,text,(,,", "The pattern is not a regular expression"),
        ("detail_type,X,X,text,,yes,", "is_pii: Expected true or false."),
        ("detail_type,X,X,text,,,2020-02-30", "valid_from: "),
        ("entity_type,X,,,,,", "The row says nothing about the type."),
    ],
)
def test_a_bad_row_keeps_everything_out(empty: Feed, row: str, reason: str) -> None:
    answer = empty.call("ingest_types", str(empty.write("types.csv", f"{TYPES}{row}\n")))
    assert answer.code == 2
    assert answer.err.startswith(f"line 5: {reason}")
    assert answer.err.endswith("1 rows were rejected; nothing was loaded.")
    assert not DetailType.objects.exists()


def test_what_else_is_refused(empty: Feed) -> None:
    load(empty, TYPES)
    for content, code, said in [
        ("kind,code,colour\n", 3, "The header has an unknown column 'colour'."),
        (
            "kind,code,name,data_type\ndetail_type,LEI,LEI,json\n",
            1,
            "LEI has another data type already.",
        ),
    ]:
        answer = empty.call("ingest_types", str(empty.write("types.csv", content)))
        assert (answer.code, said in answer.err) == (code, True), answer
    assert empty.call("ingest_types", str(empty.write("types.txt", TYPES))).code == 1
    dry = TYPES.replace("PHONE", "FAX")
    assert load(empty, dry, "--dry-run")["detail_types"] == counts(opened=1, unchanged=1)
    assert not DetailType.objects.filter(code="FAX").exists()


def test_held_values_that_do_not_match_are_counted(feed: Feed) -> None:
    create(details={"NOTE": "A"})
    create(details={"NOTE": "b"})
    row = "kind,code,pattern\ndetail_type,NOTE,[a-z]+\n"
    assert load(feed, row, "--dry-run")["values_not_matching"] == {"NOTE": 1}
    answer = feed.call("ingest_types", str(feed.write("types.csv", row)))
    assert "NOTE: 1 held values do not match the pattern; they stay as they are." in answer.out


# A register with a past


def test_a_register_is_filled_with_its_past(
    empty: Feed, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the steps of the guide, where a user and a token have been made already."""
    settings.ROOT_URLCONF = "entities.config.urls"
    call_command("create_token", "ada", "--role", "admin", "--create", stdout=io.StringIO())
    client = signed_in("steward")
    place = client.get("/api/v1/changes").json()["after"]

    for name, content in re.findall(r"`([\w-]+\.csv)`[^\n]*:\n\n((?:    .+\n)+)", GUIDE):
        empty.write(name, textwrap.dedent(content))
    steps = re.findall(r"^    manage\.py (.+)$", GUIDE, re.MULTILINE)
    assert [step.split()[0] for step in steps] == [
        "ingest_types",
        "ingest_entities",
        "ingest_entities",
        "verify",
    ]
    monkeypatch.chdir(empty.folder)
    for step in steps:
        answer = empty.call(*step.split())
        assert answer.code == 0, answer

    uuid = Entity.objects.first().uuid  # type: ignore[union-attr]
    for known_at, name in [(day(2020, 3), "First Bank"), (day(2022), "First National Bank")]:
        found = entity_snapshot(uuid, as_of=day(2024), known_at=known_at)
        assert found is not None
        assert (found["display_name"], found["details"]) == (name, {"LEI": "529900T8BM49AURSDO55"})
    assert entity_snapshot(uuid, as_of=day(2024), known_at=day(2020, 1, 15)) is None
    answer = client.get("/api/v1/changes", {"after": place, "limit": 1000}).json()
    keys = [change["natural_key"].get("code") for change in answer["results"]]
    assert sorted(filter(None, keys)) == ["BANK", "LEI", "PHONE"]
    names = [(change["after"] or {}).get("display_name") for change in answer["results"]]
    assert [name for name in names if name] == ["First Bank", "First National Bank"]


def test_history_goes_forward(empty: Feed) -> None:
    load(empty, TYPES, "--system-time", "2020-01-01")
    rows = "source_id,entity_type,display_name,valid_from\nA,BANK,Alpha,2019-06-01\n"
    empty.load(rows, "--system-time", "2021-02-01")
    late = empty.call(
        "ingest_types", str(empty.write("t.csv", TYPES)), "--system-time", "2019-01-01"
    )
    assert late.code == 1
    assert "the latest is 2020-01-01T00:00:00+00:00." in late.err
    path = empty.write("late.csv", rows.replace("Alpha", "Late"))
    answer = empty.run(path, *SOURCE, "--system-time", "2021-02-01")
    assert (answer.code, "the latest is 2021-02-01T00:00:00+00:00." in answer.err) == (1, True)


def test_types_that_were_made_today_serve_the_past(empty: Feed) -> None:
    services.entity_type_create(code="BANK", name="Bank", context=ADA)
    rows = "source_id,entity_type,display_name,valid_from\nA,BANK,Alpha,1850-01-01\n"
    loaded = empty.load(rows, "--system-time", "1995-01-01")
    assert loaded["entities"] == did(opened=1)
    assert AuditEntry.objects.filter(model="entities.entity").get().instant == day(1995)
