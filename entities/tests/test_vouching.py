"""Both doors to a file, many rows at a time and one after the other, let in exactly the same."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from core.ingest.door import Door, Vouched
from core.ingest.loading import Loading
from core.ingest.rejects import Rejects
from core.ingest.rows import Unreadable
from core.ingest.source import Source
from core.models.scd2.change import Future
from core.models.scd2.staging import Load
from core.names import normalized
from entities.headers import COLUMNS, DETAIL
from entities.models import Entity
from entities.naming import entity_uuid, entity_uuids, hash_of
from entities.tests.conftest import DETAIL_TYPES, make_types
from entities.vouching import EntityFeed

pytestmark = pytest.mark.django_db

KNOWN = UUID(int=7)
"""A uuid; that of (feed, A1) stands in files as well."""
NAMES = st.sampled_from(
    ["Alpha", "Ümläut ﬁ", "back\\slash", "\\N", "\\E", "x" * 501, "tab\tbed", "\x7f", " ", "",
     "zero\0", 'quo"te', "two\nlines", "\u2028", "a,b", '":', "\ufeff", " outer\t", "e\u0301",
     "\u200b", "می\u200cخواهم", "x\u200dy", "❤\ufe0f", "\u3164", "\u0301", "\xa0é "]
)  # fmt: skip
TEXTS = {
    "uuid": st.sampled_from(
        ["", str(KNOWN), KNOWN.hex.upper(), "{" + str(KNOWN) + "}", "no uuid", f" {KNOWN} ",
         str(entity_uuid("feed", "A1")), "\\N"]
    ),
    "source": st.sampled_from(["", "feed", "feed ", "other", " other", "\\N", "two\nlines", " "]),
    "source_id": st.one_of(st.sampled_from(["", "A1", "A2", "\\N", "é" * 200, "x" * 201]), NAMES),
    "op": st.sampled_from(["", "upsert", "upsert", "end", "delete", "\\N"]),
    "entity_type": st.sampled_from(["", "BANK", " BANK", "PERSON", "FIRM", "\\N", "\\E"]),
    "display_name": NAMES,
    "valid_from": st.sampled_from(
        ["", "2024-01-01", "2024-02-30", "2024-01-01T10:00:00+05:00", "2024-01-01T10:00", "\\N",
         "9999-12-31T23:59:59.999999Z"]
    ),
    "reason": NAMES,
    "valid_to": st.sampled_from(
        ["", "", "2024-01-01", "2025-01-01T00:00:00Z", "soon", "9999-12-31",
         "9999-12-31T23:00:00-05:00"]
    ),
    "EMAIL": st.sampled_from(["", "a@b", "a@b.org", "none", "x" * 1000 + "@b", "\\N", "a@\0"]),
    "NOTE": st.one_of(NAMES, st.sampled_from(["n" * 10_001, "cr\rlf", "\\\\N"])),
    "EMPLOYEES": st.sampled_from(
        ["", "0", "007", "-3", "9223372036854775808", "9223372036854775807", "1.0", " 1", "١"]
    ),
    "EQUITY": st.sampled_from(["", "1.50", "-0.0", "1e5", "x", "00.1"]),
    "EXTRA": st.sampled_from(["", '{"b":1,"a":[1.50]}', "null", "{", '"\\ud800"', "[]", '"a\\tb"']),
}  # fmt: skip
COLUMN_NAMES = [*COLUMNS, *(DETAIL + code for code in DETAIL_TYPES)]
JSON_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**64), 2**64), st.floats(allow_nan=True), NAMES,
    st.just(["a", {"b": "c"}]), st.just({"a": {"b": 1}}),
)  # fmt: skip
OPTIONS = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["feed", None]),
        "effective": st.sampled_from([None, datetime(2023, 5, 1, tzinfo=UTC)]),
        "future": st.sampled_from(list(Future)),
        "whole": st.booleans(),
        "timelines": st.booleans(),
        "inclusive_ends": st.booleans(),
    }
)
SAME_TYPES = settings(
    suppress_health_check=[
        *settings.default.suppress_health_check,
        HealthCheck.function_scoped_fixture,
    ]
)
"""The types are made once for all examples, which leave nothing behind."""
BLOCKS = st.sampled_from([1, 64, 300, 1 << 19])
ENDS = st.sampled_from(["\n", "\n", "\r\n", "\n\n"])


class RowByRow(EntityFeed):
    """Vouches for nothing."""

    def vouch(self, block: Any) -> Vouched:
        return Door.vouch(self, block)


# Files


@st.composite
def csv_files(draw: st.DrawFn) -> bytes:
    columns = draw(st.lists(st.sampled_from(COLUMN_NAMES), unique=True, min_size=1))
    if not {"uuid", "source_id"} & set(columns):
        columns.append("source_id")
    quoting: Any = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    parts = [",".join(columns).encode() + b"\n"]
    for _ in range(draw(st.integers(0, 8))):
        cells = [draw(likely(name)) for name in columns]
        text = io.StringIO()
        csv.writer(text, quoting=quoting, lineterminator=draw(ENDS)).writerow(cells)
        parts.append(text.getvalue().encode())
    return b"".join(draw(damaged(parts)))


def likely(name: str) -> st.SearchStrategy[str]:
    """Mostly something good, so that rows are often good as a whole."""
    good = {
        "source_id": "A1", "entity_type": "BANK", "display_name": "Alpha", "EMAIL": "a@b",
        "NOTE": "note", "EMPLOYEES": "12", "EQUITY": "1.5", "valid_from": "2024-01-01",
    }  # fmt: skip
    code = name.removeprefix(DETAIL)
    numbered = st.integers(1, 9).map(lambda number: f"A{number}")
    fine = numbered if code == "source_id" else st.just(good.get(code, ""))
    return st.one_of(fine, fine, fine, TEXTS[code])


@st.composite
def jsonl_files(draw: st.DrawFn) -> bytes:
    parts = []
    for _ in range(draw(st.integers(0, 8))):
        row: dict[str, Any] = {}
        for name in (*COLUMNS, "reason", "details", "future"):
            if draw(st.booleans()) and (name != "future" or draw(st.integers(0, 4)) == 0):
                row[name] = draw(member(name))
        if draw(st.integers(0, 9)) == 0:
            row[draw(st.sampled_from(["detials", "EMAIL", '":']))] = draw(JSON_VALUES)
        line = json.dumps(row, ensure_ascii=draw(st.booleans()))
        if draw(st.integers(0, 9)) == 0:
            line = line.replace('":', draw(st.sampled_from(['" :', '":  '])))
        if draw(st.integers(0, 9)) == 0 and row:
            line = line[:-1] + ", " + line[1:]
        parts.append((line + draw(ENDS)).encode(errors="surrogatepass"))
    return b"".join(draw(damaged(parts)))


def member(name: str) -> st.SearchStrategy[Any]:
    if name == "details":
        codes = st.sampled_from([*DETAIL_TYPES, "UNKNOWN"])
        typed: dict[str, Any] = {"EMPLOYEES": 12, "EXTRA": {"a": [1.5]}, "EQUITY": "1.50"}
        values = {code: st.just(typed.get(code, "a@b")) for code in DETAIL_TYPES}
        fine = st.fixed_dictionaries({}, optional=values)
        return st.one_of(fine, fine, st.dictionaries(codes, JSON_VALUES, max_size=3), JSON_VALUES)
    if name == "future":
        return st.one_of(st.sampled_from([*Future, "later"]), JSON_VALUES)
    if name == "reason":
        return st.one_of(NAMES, JSON_VALUES)
    return st.one_of(likely(name), likely(name), likely(name), JSON_VALUES)


@st.composite
def damaged(draw: st.DrawFn, parts: list[bytes]) -> list[bytes]:
    """Now and then a part with a byte that should not be there, or missing."""
    harm = st.sampled_from([b"\xff", b"\0", b'"', b"\r", b"\n", b",", b"", b"\xef\xbb\xbf", b" "])
    if parts and draw(st.integers(0, 3)) == 0:
        which = draw(st.integers(0, len(parts) - 1))
        part, at = parts[which], draw(st.integers(0, len(parts[which])))
        parts[which] = part[:at] + draw(harm) + part[at + draw(st.integers(0, 1)) :]
    return parts


# What comes of them


def outcome(door: type[EntityFeed], path: Path, form: str, options: dict[str, Any]) -> Any:
    """What was staged, what was rejected, how many rows were read; or why nothing could be."""
    with transaction.atomic():
        try:
            return come_of(door, path, form, options)
        except Unreadable as error:
            return str(error)
        finally:
            transaction.set_rollback(True)  # lets go of the locks on what was staged


def come_of(door: type[EntityFeed], path: Path, form: str, options: dict[str, Any]) -> Any:
    rejected: list[str] = []
    rejects = Rejects(None, rejected.append)
    with Load(Entity.shape) as load, rejects:
        loading = Loading(door(**options), Source(str(path), form=form), form, rejects)
        loading.stage(load, lambda read: None)
        return staged(load), sorted(rejected), loading.read


def staged(load: Load) -> list[list[Any]]:
    found = []
    with connection.cursor() as cursor:
        for model in load.models.values():
            names = sql.SQL(", ").join(map(sql.Identifier, model.columns))
            query = sql.SQL("SELECT {} FROM {} AS staged ORDER BY staged::text")
            cursor.execute(query.format(names, model.names["staged"]))
            found.append(cursor.fetchall())
    return found


@pytest.fixture
def files(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a file through both doors."""
    make_types()
    monkeypatch.setattr("core.ingest.rejects.SHOWN", 1_000)

    def both(content: bytes, form: str, block: int, options: dict[str, Any]) -> tuple[Any, Any]:
        path = tmp_path / f"feed.{form}"
        path.write_bytes(content)
        monkeypatch.setattr("core.ingest.lines.BLOCK", block)
        return outcome(EntityFeed, path, form, options), outcome(RowByRow, path, form, options)

    return both


@SAME_TYPES
@given(content=csv_files(), block=BLOCKS, options=OPTIONS)
def test_csv(files: Any, content: bytes, block: int, options: dict[str, Any]) -> None:
    at_once, row_by_row = files(content, "csv", block, options)

    assert at_once == row_by_row


@SAME_TYPES
@given(content=jsonl_files(), block=BLOCKS, options=OPTIONS)
def test_jsonl(files: Any, content: bytes, block: int, options: dict[str, Any]) -> None:
    at_once, row_by_row = files(content, "jsonl", block, options)

    assert at_once == row_by_row


NORMAL = st.text().map(normalized)


@given(st.lists(st.tuples(NORMAL, NORMAL)))
def test_names_many_at_a_time(names: list[tuple[str, str]]) -> None:
    many = entity_uuids((hash_of(source), source_id) for source, source_id in names)

    assert many == [entity_uuid(source, source_id).bytes for source, source_id in names]


GOOD_CSV = (
    "uuid,source_id,entity_type,display_name,valid_from,detail:EMAIL,detail:EMPLOYEES\n"
    ",A1,BANK,Alpha,,a@b,\n"
    ",A2,PERSON,Ümläut,2024-01-01,,007\n"
    f"{KNOWN},,BANK,back\\slash,,a@b,12\n"
    ",A3,,,,a@c,1\n"
    ',A4,BANK,"Gamma, Ltd",,,2\n'
).encode()
GOOD_JSONL = b"".join(
    json.dumps(row).encode() + b"\n"
    for row in (
        {"source_id": "A1", "entity_type": "BANK", "display_name": "Alpha"},
        {"source_id": "A2", "details": {"EMPLOYEES": 12, "EQUITY": "1.50", "NOTE": "a\tb"}},
        {"uuid": str(KNOWN), "display_name": "Renamed", "reason": "so", "source_id": None},
    )
)


@pytest.mark.parametrize(("content", "form"), [(GOOD_CSV, "csv"), (GOOD_JSONL, "jsonl")])
def test_what_is_good_is_not_looked_at_row_by_row(
    types: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, form: str
) -> None:
    path = tmp_path / f"feed.{form}"
    path.write_bytes(content)
    options = {"source": "feed", "effective": None, "future": Future.KEEP}
    expected = outcome(RowByRow, path, form, options)
    looked_at: list[int] = []
    for name in ("from_cells", "from_object"):
        original = getattr(EntityFeed, name)
        monkeypatch.setattr(EntityFeed, name, noting(looked_at, original))

    assert outcome(EntityFeed, path, form, options) == expected
    assert not isinstance(expected, str), expected
    assert expected[2] == content.count(b"\n") - (form == "csv")
    assert looked_at == [2] * (form == "csv")  # the row that the header is read with


def noting(lines: list[int], original: Any) -> Any:
    def noted(door: Any, line: int, content: Any) -> Any:
        lines.append(line)
        return original(door, line, content)

    return noted
