"""Types judged over the period of what names them, through every way in.

``OLD`` is valid from 2000 to 2010, ``LATE`` from 2030 on, ``GAP`` with a gap from 2010 to 2020.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models.scd2 import Future
from core.tests.problems import wrong
from entities import services
from entities.exceptions import TypeNotValid, ValueDoesNotFit
from entities.models import Entity, EntityDetail
from entities.selectors import entity_snapshot
from entities.tests.conftest import ADA, create, day, update
from entities.tests.feed import SOURCE, Feed, did
from entities.v1.tests.conftest import signed_in

PERIODS: dict[str, list[dict[str, Any]]] = {
    "OLD": [{"valid_from": day(2000), "valid_to": day(2010)}],
    "LATE": [{"valid_from": day(2030)}],
    "GAP": [{"valid_from": day(2000), "valid_to": day(2010)}, {"valid_from": day(2020)}],
}
ONLY = {
    "OLD": "only from 2000-01-01 to 2010-01-01.",
    "LATE": "only from 2030-01-01 on.",
    "GAP": "only from 2000-01-01 to 2010-01-01 and from 2020-01-01 on.",
}
PASS = [
    ("OLD", "2004-01-01", "2010-01-01"),
    ("OLD", "2004-01-01", ""),
    ("LATE", "2031-01-01", ""),
    ("GAP", "2020-01-01", "2040-01-01"),
    ("GAP", "2009-12-31", ""),
]
FAIL = [
    ("OLD", "2010-01-01", ""),
    ("OLD", "2009-01-01", "2010-01-02"),
    ("OLD", "1999-12-31T23:59:59.999999Z", "2005-01-01"),
    ("LATE", "2029-12-31", "2031-01-01"),
    ("LATE", "", ""),
    ("GAP", "2009-01-01", "2021-01-01"),
    ("GAP", "2015-01-01", ""),
]


def make_types_with_periods() -> None:
    services.entity_type_create(code="BANK", name="Bank", context=ADA)
    for code, periods in PERIODS.items():
        for period in periods:
            services.entity_type_create(code=code, name=code, context=ADA, **period)
            services.detail_type_create(
                code=code, name=code, data_type="text", context=ADA, **period
            )


@pytest.fixture
def periods(db: None) -> None:
    make_types_with_periods()


Faults = list[tuple[str, str]]


def by_post(body: dict[str, Any]) -> Faults:
    return faults(signed_in("steward").post("/api/v1/entities", body), 201)


def by_bulk(body: dict[str, Any]) -> Faults:
    response = signed_in("steward").post("/api/v1/entities/bulk", [body])
    return [(field.removeprefix("0."), said) for field, said in faults(response, 200)]


def faults(response: Any, good: int) -> Faults:
    if response.status_code == good:
        return []
    assert response.status_code == 400, response.content
    return [(error["field"], error["detail"]) for error in response.json()["errors"]]


Way = Callable[[dict[str, Any]], Faults]


@pytest.fixture(params=[by_post, by_bulk])
def way(request: pytest.FixtureRequest, periods: None, settings: Any) -> Way:
    settings.ROOT_URLCONF = "entities.config.urls"
    given: Way = request.param
    return given


def body_of(start: str, end: str, **more: Any) -> dict[str, Any]:
    period = {"valid_from": start, "valid_to": end}
    given = {name: value for name, value in period.items() if value}
    return {"entity_type": "BANK", "display_name": "Alpha", **more, **given}


def test_a_type_that_is_valid_over_the_period(way: Way) -> None:
    for code, start, end in PASS:
        assert way(body_of(start, end, entity_type=code)) == []
        assert way(body_of(start, end, details={code: "x"})) == []


def test_a_type_that_is_not(way: Way) -> None:
    for code, start, end in FAIL:
        said = f"is not valid over the period that is written, {ONLY[code]}"
        assert way(body_of(start, end, entity_type=code)) == [
            ("entity_type", f"The entity type {code} {said}")
        ]
        assert way(body_of(start, end, details={code: "x"})) == [
            (f"details.{code}", f"The detail type {code} {said}")
        ]
    assert not Entity.objects.exists()


# Files: by blocks, and row by row where a block leaves doubts


@pytest.fixture
def files(committed_db: Any, tmp_path: Any) -> Feed:
    make_types_with_periods()
    return Feed(tmp_path)


def as_csv() -> str:
    details = ",".join(f"detail:{code}" for code in ONLY)
    lines = [f"source_id,entity_type,display_name,valid_from,valid_to,{details}"]
    for number, (code, start, end) in enumerate([*PASS, *FAIL]):
        cells = ["x" if code == one else "" for one in ONLY]
        lines.append(",".join([f"T{number}", code, "Alpha", start, end, "", "", ""]))
        lines.append(",".join([f"D{number}", "BANK", "Alpha", start, end, *cells]))
    return "\n".join([*lines, "A,BANK,Alpha,,,,,", ""])


def as_jsonl() -> str:
    rows = []
    for number, (code, start, end) in enumerate([*PASS, *FAIL]):
        rows.append({"source_id": f"T{number}", **body_of(start, end, entity_type=code)})
        rows.append({"source_id": f"D{number}", **body_of(start, end, details={code: "x"})})
    rows.append({"source_id": "A", **body_of("", "")})
    return "\n".join(json.dumps(row) for row in rows)


@pytest.mark.parametrize(
    ("name", "content", "first"), [("a.csv", as_csv(), 2), ("a.jsonl", as_jsonl(), 1)]
)
def test_rows_of_a_file(files: Feed, name: str, content: str, first: int) -> None:
    path = files.write(name, content)
    expected = []
    for number, (code, _, _) in enumerate(FAIL, len(PASS)):
        said = f"is not valid over the period that is written, {ONLY[code]}"
        line = first + 2 * number
        expected.append((line, f"entity_type: The entity type {code} {said}"))
        expected.append((line + 1, f"The detail type {code} {said}"))
    assert sorted(files.rejects(path, *SOURCE)) == expected
    assert Entity.objects.count() == 2 * len(PASS) + 1
    assert EntityDetail.objects.count() == len(PASS)


def test_a_backfill_is_judged_by_its_own_instant(files: Feed) -> None:
    """Where a row has no start."""
    row = "source_id,entity_type,display_name,detail:OLD\nA,OLD,Alpha,x\n"
    assert files.load(row, "--system-time", "2005-01-01")["entities"] == did(opened=1)
    path = files.write("b.csv", row.replace("A,", "B,"))
    [(line, _)] = files.rejects(path, *SOURCE, "--system-time", "2015-01-01")
    assert line == 2


# What is held


def set_pattern(pattern: str, **period: Any) -> services.TypeWritten:
    return services.detail_type_update(
        code="NOTE", changes={"pattern": pattern}, context=ADA, **period
    )


def test_what_is_held_passes_whatever_pattern_came_later(types: None) -> None:
    entity = create(details={"NOTE": "A", "EMPLOYEES": 12})
    set_pattern("[a-z]+")
    as_read = entity_snapshot(entity.uuid)
    assert as_read is not None
    said = {name: as_read[name] for name in ("entity_type", "display_name", "details")}
    assert not update(entity.uuid, **said).outcome.wrote
    renamed = update(entity.uuid, day(2021), **{**said, "display_name": "Beta"})
    assert (renamed.outcome.opened, renamed.outcome.closed) == (1, 1)
    for start, value in [(None, "B"), (day(2019), "A")]:
        with pytest.raises(ValueDoesNotFit):
            update(entity.uuid, start, details={"NOTE": value})
    with pytest.raises(ValueDoesNotFit):
        create(details={"NOTE": "A"})


def test_a_value_that_ended_is_new_again(types: None) -> None:
    entity = create(details={"NOTE": "A"})
    update(entity.uuid, day(2022), details={"NOTE": None})
    set_pattern("[a-z]+")
    held = {"valid_to": day(2022), "details": {"NOTE": "A"}}
    assert not update(entity.uuid, day(2021), **held).outcome.wrote
    with pytest.raises(ValueDoesNotFit):
        update(entity.uuid, day(2021), details={"NOTE": "A"}, future=Future.OVERWRITE)


def test_a_pattern_counts_over_its_period(types: None) -> None:
    """Also one that is not set any more; for a value without an end, up to now."""
    set_pattern("[a-z]+", valid_from=day(2010), valid_to=day(2020))
    for start, end in [(2000, 2011), (2019, 2030), (2012, 2013), (2009, None)]:
        period: dict[str, Any] = {
            "valid_from": day(start),
            "valid_to": day(end) if end else None,
        }
        with pytest.raises(ValueDoesNotFit):
            create(details={"NOTE": "A"}, **period)
    create(details={"NOTE": "A"}, valid_from=day(2000), valid_to=day(2010))
    set_pattern("[0-9]+", valid_from=day(2900))
    create(details={"NOTE": "A"}, valid_from=day(2020))
    scheduled: list[dict[str, Any]] = [{"valid_to": day(2901)}, {"valid_from": day(2900)}]
    for later in scheduled:
        with pytest.raises(ValueDoesNotFit):
            create(details={"NOTE": "A"}, **later)


def test_a_type_that_ended_stays_with_who_has_it(types: None) -> None:
    services.entity_type_create(code="OLD", name="Old", context=ADA, valid_to=day(2022))
    entity = create(entity_type="OLD", valid_from=day(2020))
    update(entity.uuid, day(2021), display_name="Beta")
    assert not update(entity.uuid, day(2023), entity_type="OLD").outcome.wrote
    with pytest.raises(TypeNotValid) as error:
        create(entity_type="OLD", valid_from=day(2022))
    assert error.value.message == (
        "The entity type OLD is not valid over the period that is written, only until 2022-01-01."
    )


@pytest.mark.parametrize("name", ["full.csv", "full.jsonl"])
def test_a_full_file_renames_who_holds_what_no_longer_fits(feed: Feed, name: str) -> None:
    """And an export reads back."""
    header = "source_id,entity_type,display_name,valid_from,detail:NOTE,detail:EMPLOYEES\n"
    feed.load(header + "A,BANK,Alpha,2020-01-01,X,1\nB,BANK,Beta,2020-01-01,b,1\n")
    set_pattern("[a-z]+")
    export = feed.path(f"export-{name}")
    form = name.partition(".")[2]
    answer = feed.call("export_entities", "--format", form, "--output", str(export))
    assert answer.code == 0
    content = export.read_text()
    full = ("--mode", "full", "--effective", "2021-01-01")
    again = feed.load(content, *full, name=name)
    assert (again["entities"], again["details"]) == (did(unchanged=2), did(unchanged=4))
    renamed = feed.load(content.replace("Alpha", "Aleph"), *full, name=name)
    assert renamed["entities"]["opened"] == 1
    assert renamed["details"] == did(unchanged=4)
    path = feed.write(name, content.replace('"X"', '"Y"').replace(",X", ",Y"))
    [(_, reason)] = feed.rejects(path, *SOURCE)
    assert reason == "NOTE: The value does not match the pattern [a-z]+"


def test_in_the_bulk_call(types: None, settings: Any) -> None:
    settings.ROOT_URLCONF = "entities.config.urls"
    client: APIClient = signed_in("steward")
    uuid = str(create(details={"NOTE": "A"}).uuid)
    set_pattern("[a-z]+")
    good = {"uuid": uuid, "display_name": "Beta", "details": {"NOTE": "A"}}
    assert client.post("/api/v1/entities/bulk", [good]).status_code == 200
    bad = {**good, "details": {"NOTE": "B"}}
    assert wrong(client.post("/api/v1/entities/bulk", [bad])) == [
        ("0.details.NOTE", "value_does_not_fit")
    ]


# Reads


@pytest.mark.parametrize("query", ["type=OLD", "detail_code=OLD", "detail[OLD]=x"])
def test_a_code_that_ever_was_is_not_unknown(periods: None, settings: Any, query: str) -> None:
    settings.ROOT_URLCONF = "entities.config.urls"
    period: dict[str, Any] = {"valid_from": day(2004), "valid_to": day(2005)}
    create(entity_type="OLD", details={"OLD": "x"}, **period)
    client = signed_in("steward")
    assert client.get(f"/api/v1/entities?{query}").json()["results"] == []
    found = client.get(f"/api/v1/entities?{query}&as_of=2004-06-01").json()["results"]
    assert [item["entity_type"] for item in found] == ["OLD"]
