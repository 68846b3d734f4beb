"""What the types are and were: pages, snapshots, histories and lifetimes."""

from typing import Any

import pytest

from entities.models import DetailType
from entities.selectors import type_history, type_list, type_periods, type_snapshot
from entities.services import detail_type_update
from entities.tests.conftest import ADA, day
from entities.tests.test_selectors import now, now_outside

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("types")]


def test_pages_of_types_join_up(django_assert_num_queries: Any) -> None:
    codes = [row["code"] for row in type_list(DetailType, limit=10)]
    assert codes == ["EMAIL", "EMPLOYEES", "EQUITY", "EXTRA", "NOTE"]
    later = type_list(DetailType, after=("EMPLOYEES",), limit=2)
    assert [row["code"] for row in later] == ["EQUITY", "EXTRA"]
    back = type_list(DetailType, ordering="-code", after=("EQUITY",), limit=10)
    assert [row["code"] for row in back] == ["EMPLOYEES", "EMAIL"]
    with django_assert_num_queries(1):
        type_list(DetailType, as_of=now_outside(), limit=10)


def test_a_type_has_snapshots_a_history_and_lifetimes() -> None:
    begun = now()
    detail_type_update(code="EMAIL", changes={"is_pii": True}, context=ADA)
    ((start, end),) = type_periods(DetailType, "EMAIL")
    assert start < begun
    assert end is None
    assert type_snapshot(DetailType, "EMAIL")["is_pii"] is True  # type: ignore[index]
    assert type_snapshot(DetailType, "EMAIL", known_at=begun)["is_pii"] is False  # type: ignore[index]
    assert type_snapshot(DetailType, "EMAIL", as_of=day(1999))["is_pii"] is False  # type: ignore[index]
    assert type_snapshot(DetailType, "NONE") is None
    versions = type_history(DetailType, "EMAIL", limit=10)
    assert [row["is_pii"] for row in versions] == [True, False]
    after = type_history(DetailType, "EMAIL", after=versions[0]["position"], limit=10)
    assert after == versions[1:]
