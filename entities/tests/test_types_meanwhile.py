"""Types that others change while a file is read: only rows that a change concerns are rejected."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from core.ingest.background import run
from core.ingest.loading import Loading
from core.models import BatchState
from entities import services
from entities.models import Entity, EntityType
from entities.tests.background import upload
from entities.tests.conftest import ADA, day
from entities.tests.feed import SOURCE, Feed, did

ROWS = (
    "source_id,entity_type,display_name,valid_from,detail:NOTE,detail:EMPLOYEES\n"
    "A,BANK,Alpha,2020-01-01,fine,1\n"
    "B,BANK,Beta,2020-01-01,NOT,2\n"
    "C,PERSON,Gamma,2020-01-01,,\n"
)
UNRELATED = [
    lambda: services.entity_type_create(code="FUND", name="Fund", context=ADA),
    lambda: services.detail_type_create(code="LEI", name="LEI", data_type="text", context=ADA),
    lambda: services.detail_type_update(code="NOTE", changes={"name": "Remark"}, context=ADA),
    lambda: services.entity_type_update(code="BANK", changes={"is_pii_name": True}, context=ADA),
    lambda: services.detail_type_update(code="EMAIL", changes={"pattern": "x"}, context=ADA),
    lambda: services.detail_type_update(code="EXTRA", changes={"data_type": "text"}, context=ADA),
]


def set_pattern() -> Any:
    return services.detail_type_update(code="NOTE", changes={"pattern": "[a-z]+"}, context=ADA)


def retype() -> Any:
    return services.detail_type_update(code="EMPLOYEES", changes={"data_type": "text"}, context=ADA)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let another connection commit something once the file has been read."""
    original = Loading.stage

    def arrange(*changes: Callable[[], Any]) -> None:
        def commit() -> None:
            try:
                for change in changes:
                    change()
            finally:
                connections.close_all()

        def stage(loading: Loading, *arguments: Any) -> None:
            original(loading, *arguments)
            with ThreadPoolExecutor(1) as other:
                other.submit(commit).result()

        monkeypatch.setattr(Loading, "stage", stage)

    return arrange


def test_what_does_not_matter_is_in_nobodys_way(feed: Feed, meanwhile: Callable[..., None]) -> None:
    meanwhile(*UNRELATED)
    assert feed.load(ROWS)["entities"] == did(opened=3)


@pytest.mark.parametrize(
    ("change", "rejected"),
    [
        (set_pattern, {3: "NOTE: The value does not match the pattern [a-z]+"}),
        (
            retype,
            dict.fromkeys(
                (2, 3),
                "EMPLOYEES: The data type has become text while this was read; send it again.",
            ),
        ),
    ],
)
def test_rows_that_a_change_concerns_are_rejected(
    feed: Feed,
    meanwhile: Callable[..., None],
    change: Callable[[], Any],
    rejected: dict[int, str],
) -> None:
    meanwhile(change)
    assert dict(feed.rejects(feed.write("feed.csv", ROWS), *SOURCE)) == rejected
    assert Entity.objects.count() == 3 - len(rejected)


def test_a_type_that_gets_an_earlier_end(feed: Feed, meanwhile: Callable[..., None]) -> None:
    """What is held of it stays; the rest is rejected."""
    services.entity_type_create(code="OLD", name="Old", context=ADA, valid_from=day(2000))
    rows = "source_id,entity_type,display_name,valid_from\nA,OLD,Alpha,2020-01-01\n"
    feed.load(rows)
    meanwhile(lambda: end_type("OLD"))
    full = ("--mode", "full", "--effective", "2021-01-01", "--max-corrected", "100%")
    path = feed.write("feed.csv", rows.replace("Alpha", "Aleph") + "B,OLD,Beta,2020-01-01\n")
    [(line, reason)] = feed.rejects(path, *SOURCE, *full)
    assert line == 3
    assert reason == (
        "The entity type OLD is not valid over the period that is written, only "
        "from 2000-01-01 to 2010-01-01."
    )
    assert list(Entity.objects.live().values_list("display_name", flat=True)) == ["Aleph"]


def end_type(code: str) -> None:
    services.type_end(model=EntityType, code=code, valid_from=day(2010), context=ADA)


def test_an_upload_goes_on_too(feed: Feed, meanwhile: Callable[..., None]) -> None:
    batch = upload(ROWS)
    meanwhile(*UNRELATED, set_pattern)
    run(batch.pk, stop=lambda: False)
    batch.refresh_from_db()
    assert (batch.state, batch.error, batch.rejected) == (BatchState.DONE, "", 1)
    assert batch.counts["entities"] == did(opened=2)
    assert batch.rejects is not None
    pieces = batch.rejects.pieces.order_by("number").values_list("content", flat=True)
    [reject] = [json.loads(line) for line in b"".join(map(bytes, pieces)).splitlines()]
    assert (reject["line"], reject["reason"]) == (
        3,
        "NOTE: The value does not match the pattern [a-z]+",
    )
