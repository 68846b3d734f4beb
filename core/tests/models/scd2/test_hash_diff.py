"""The hash that PostgreSQL generates is the hash that Python computes, byte for byte."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from core.models.scd2.hash_diff import canonical_text, hash_diff, netstring

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=6, max_value=10**12)
INSTANTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30))  # noqa: DTZ001
VALUES = {
    "text": TEXTS,
    "boolean": st.booleans(),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "numeric": NUMBERS,
    "uuid": st.uuids(),
    "date": st.dates(),
    "timestamptz": INSTANTS.map(lambda naive: naive.replace(tzinfo=UTC)),
}
SESSIONS = [
    ("ISO, DMY", "UTC"),
    ("German", "Asia/Kathmandu"),
    ("SQL, MDY", "America/St_Johns"),
]


def database_hash(kinds: list[str], payload: list[Any]) -> bytes:
    parts = [sql.SQL("core_netstring(CAST(%s AS {}))").format(sql.SQL(kind)) for kind in kinds]
    query = sql.SQL("SELECT core_digest({})").format(sql.SQL(" || ").join(parts))
    with connection.cursor() as cursor:
        cursor.execute(query, payload)
        return bytes(cursor.fetchone()[0])


payloads = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(
        lambda kind: st.tuples(st.just(kind), st.none() | VALUES[kind])
    ),
    min_size=1,
    max_size=6,
)


@pytest.mark.django_db
@given(payload=payloads)
def test_both_sides_agree(payload: list[tuple[str, Any]]) -> None:
    kinds, values = [kind for kind, _ in payload], [value for _, value in payload]
    assert database_hash(kinds, values) == hash_diff(values)


@pytest.mark.django_db
@pytest.mark.parametrize(("style", "zone"), SESSIONS)
def test_no_session_setting_matters(style: str, zone: str) -> None:
    instant, day = datetime(2024, 3, 31, 1, 30, 0, 5, tzinfo=UTC), date(2024, 2, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('DateStyle', %s, true)", [style])
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
    assert database_hash(["timestamptz", "date"], [instant, day]) == hash_diff([instant, day])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        ("Straße", "Straße"),
        (True, "true"),
        (False, "false"),
        (-7, "-7"),
        (Decimal("1.00"), "1"),
        (Decimal("1.0"), "1"),
        (Decimal("-0.00"), "0"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.000100"), "0.0001"),
        (
            Decimal("1234567890123456789012345678901234567890.10"),
            "1234567890123456789012345678901234567890.1",
        ),
        (UUID("A987FBC9-4BED-3078-CF07-9141BA07C9F3"), "a987fbc9-4bed-3078-cf07-9141ba07c9f3"),
        (date(1970, 1, 2), "1"),
        (date(1969, 12, 31), "-1"),
        (datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC), "1000005"),
        (datetime(1970, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), "0"),
    ],
)
def test_canonical_text(value: Any, text: str) -> None:
    assert canonical_text(value) == text


def test_a_type_without_canonical_text_is_refused() -> None:
    with pytest.raises(TypeError, match="float has no canonical text"):
        canonical_text(0.1)


def test_netstrings_count_octets() -> None:
    assert netstring("ü") == "2:ü".encode()
    assert netstring(None) == b"-"
    assert netstring("-") == b"1:-"


def test_the_digest_is_sha256_of_the_netstrings() -> None:
    assert hash_diff(["a", None, ""]) == hashlib.sha256(b"1:a-0:").digest()
