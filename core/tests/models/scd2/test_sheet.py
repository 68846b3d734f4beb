"""What stands in a sheet is what the database reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from core.models.scd2.sheet import Sheet, instant, integers, sheet, texts, uuids

pytestmark = pytest.mark.django_db

ROWS = st.lists(
    st.tuples(
        st.integers(-(2**63), 2**63 - 1),
        st.uuids(),
        st.text(st.characters(codec="utf-8", exclude_characters="\0")),
        st.one_of(
            st.none(),
            st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
        ),
    )
)


def read(one: Sheet) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS read")
        cursor.execute(
            "CREATE TEMPORARY TABLE read (number bigint, id uuid, said text, at timestamptz)"
        )
        columns = ", ".join(one.columns)
        with cursor.copy(f"COPY read ({columns}) FROM STDIN (FORMAT binary)") as copy:
            copy.write(one.content)
        cursor.execute("SELECT number, id, said, at FROM read")
        return cursor.fetchall()


@given(ROWS)
def test_every_value_arrives_as_it_is(rows: list[tuple[int, UUID, str, datetime | None]]) -> None:
    numbers, ids, said, ats = zip(*rows, strict=True) if rows else ((), (), (), ())
    columns = {
        "at": map(instant, ats),
        "id": uuids(one.bytes for one in ids),
        "number": integers(numbers),
        "said": texts(said),
    }

    assert read(sheet(columns)) == rows


def test_the_shortest_column_ends_it() -> None:
    columns = {"number": integers([1, 2]), "said": texts(["one", "two", "three"])}

    assert read(sheet(columns)) == [(1, None, "one", None), (2, None, "two", None)]
