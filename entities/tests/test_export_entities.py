"""``export_entities``: a snapshot as a file, and back again without a trace."""

from __future__ import annotations

import csv
import itertools
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from core.env import ROOT
from core.files import written
from core.models import AuditEntry
from core.registers.export.snapshot import snapshot
from entities import services
from entities.models import Entity
from entities.register import ENTITIES
from entities.selectors import entity_list
from entities.tests.conftest import ADA, create, day, update
from entities.tests.feed import SOURCE, Feed, did, read_jsonl

NOTES = (
    "",
    r"\N",
    r"\E",
    r"\\N",
    '"',
    'a "b", c',
    "x\ny",
    "x\r\ny\r",
    " =1+1",
    "=1+1",
    "Ærø 東京 🚢",
)


@pytest.fixture
def register(feed: Feed) -> Feed:
    """Entities of two sources and of none, with every type of detail and a past."""
    for number, note in enumerate(NOTES):
        create(f"Bank {number}", source="feed", source_id=f"={number}", details={"NOTE": note})
    details = {
        "EMAIL": "a@b",
        "EMPLOYEES": 2**62,
        "EQUITY": "-12.50",
        "EXTRA": {"b": [1.5, None], "a": 2**80},
    }
    uuid = create(r"\N", details=details).uuid
    update(uuid, day(2021), details={"EMAIL": None, "NOTE": "later"})
    update(create("Gone").uuid, day(2021), display_name="Renamed")
    create("Other", source="other", source_id="O", valid_from=day(2022))
    services.entity_end(uuid=create("Ended").uuid, valid_from=day(2022), context=ADA)
    return feed


def export(feed: Feed, name: str, *options: str) -> Path:
    path = feed.path(name)
    form = path.suffix.removeprefix(".")
    answer = feed.call("export_entities", "--format", form, "--output", str(path), *options)
    assert answer.code == 0, answer
    return path


FILES = pytest.mark.parametrize("name", ["export.jsonl", "export.csv"])


@FILES
@pytest.mark.parametrize("as_of", [None, "2020-06-30", "2021-01-01", "2022-06-01T12:00:00+02:00"])
def test_what_is_exported_reads_back_without_a_trace(
    register: Feed, name: str, as_of: str | None
) -> None:
    path = export(register, name, *(["--as-of", as_of] if as_of else []))
    entries = AuditEntry.objects.count()

    answer = register.run(path, "--json")

    assert (answer.code, answer.err) == (0, "")
    overtaken = answer.json["entities"]["overtaken"]
    assert answer.json["entities"] == did(unchanged=answer.json["read"], overtaken=overtaken)
    assert answer.json["read"] >= len(NOTES) + 3
    assert answer.json["details"]["unchanged"] >= len(NOTES)
    assert AuditEntry.objects.count() == entries


@FILES
def test_an_export_of_a_source_is_a_full_file_of_it(register: Feed, name: str) -> None:
    path = export(register, name, "--source", "feed", "--as-of", "2023-01-01")
    entries = AuditEntry.objects.count()
    full = ("--mode", "full", "--max-ended", "0", "--effective", "2023-01-01T23:59:59.999999Z")

    answer = register.run(path, *SOURCE, *full, "--json")

    assert answer.code == 0
    assert answer.json["entities"] == did(unchanged=len(NOTES))
    assert AuditEntry.objects.count() == entries


@FILES
def test_an_export_makes_the_same_register_elsewhere(register: Feed, name: str) -> None:
    path = export(register, name)
    before = {row["uuid"]: row for row in everything()}
    for row in everything():
        services.entity_end(uuid=row["uuid"], valid_from=day(2022, 6), context=ADA)
    assert everything() == []

    assert register.run(path).code == 0
    assert {row["uuid"]: row for row in everything()} == before


def everything() -> list[Any]:
    rows = entity_list(limit=100, expand_details=True)
    kept = ("uuid", "source", "source_id", "entity_type", "display_name", "details")
    return [{name: row[name] for name in kept} for row in rows]


def test_a_line_is_a_body_of_the_api(register: Feed) -> None:
    rows = read_jsonl(export(register, "export.jsonl", "--as-of", "2020-12-31"))

    assert {row["valid_from"] for row in rows} == {"2020-12-31T23:59:59.999999Z"}
    row = next(row for row in rows if row["display_name"] == r"\N")
    assert row == {
        "uuid": str(Entity.objects.filter(display_name=r"\N").latest("id").uuid),
        "source": None,
        "source_id": None,
        "entity_type": "BANK",
        "display_name": r"\N",
        "valid_from": "2020-12-31T23:59:59.999999Z",
        "details": {
            "EMAIL": "a@b",
            "EMPLOYEES": 2**62,
            "EQUITY": "-12.5",
            "EXTRA": {"b": [1.5, None], "a": 2**80},
        },
    }
    assert [row["uuid"] for row in rows] == sorted(row["uuid"] for row in rows)


def test_a_csv_has_the_columns_that_somebody_holds(register: Feed) -> None:
    path = export(register, "export.csv", "--source", "feed")
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)

    assert header == [
        *("uuid", "source", "source_id", "entity_type", "display_name", "valid_from"),
        "detail:NOTE",
    ]
    cells = {row[2]: row[-1] for row in rows}
    assert [cells[f"={number}"] for number in range(4)] == [r"\E", r"\\N", r"\\E", r"\\\N"]


def test_both_clocks(register: Feed) -> None:
    instants = AuditEntry.objects.order_by("instant").values_list("instant", flat=True)
    first = instants[len(instants) - len(instants) // 2]
    then = ("--as-of", "2020-06-01")
    late = export(register, "late.jsonl", *then)
    early = export(register, "early.jsonl", *then, "--known-at", first.isoformat())
    assert {json.dumps(row) for row in read_jsonl(early)} < {
        json.dumps(row) for row in read_jsonl(late)
    }
    settled = export(register, "settled.jsonl", *then, "--known-at", "settled")
    assert read_jsonl(settled) == read_jsonl(late)


def test_it_says_what_it_did(register: Feed) -> None:
    path = register.path("out.jsonl")
    answer = register.call(
        "export_entities", "--source", "other", "--as-of", "2023-01-01", "--output", str(path)
    )
    assert answer.err.startswith("1 entities as of 2023-01-01T23:59:59.999999Z, known at 20")
    assert [row["display_name"] for row in read_jsonl(path)] == ["Other"]


def test_standard_output(register: Feed, capfdbinary: Any) -> None:
    assert register.call("export_entities", "--source", "other").code == 0
    assert json.loads(capfdbinary.readouterr().out)["display_name"] == "Other"


@pytest.mark.parametrize(
    ("source", "hint"),
    [("Feed", "; did you mean 'feed'?"), ("othr", "; did you mean 'other'?"), ("x", ".")],
)
def test_a_source_that_there_never_was(register: Feed, source: str, hint: str) -> None:
    answer = register.call("export_entities", "--source", source, "--as-of", "1999-01-01")
    assert answer.code == 1
    assert f"There is no source {source!r}{hint}" in answer.err
    assert register.call("export_entities", "--source", " feed ", "--as-of", "1999-01-01").code == 0


# Personal data


def test_personal_data_can_be_left_out(register: Feed) -> None:
    services.detail_type_update(code="EMAIL", changes={"is_pii": True}, context=ADA)
    create("Ada", entity_type="PERSON", details={"NOTE": "n"})
    services.entity_type_update(code="PERSON", changes={"is_pii_name": True}, context=ADA)

    rows = read_jsonl(export(register, "masked.jsonl", "--as-of", "2020-12-31", "--mask"))
    table = export(register, "masked.csv", "--as-of", "2020-12-31", "--mask").read_text()

    (person,) = [row for row in rows if row["entity_type"] == "PERSON"]
    assert (person["display_name"], person["details"]) == (None, {"NOTE": "n"})
    (masked,) = [row for row in rows if row.get("masked")]
    assert (masked["masked"], "EMAIL" in masked["details"]) == (["EMAIL"], False)
    assert "a@b" not in table
    assert "EMAIL" not in table
    assert "Ada" not in table


def test_an_export_of_personal_data_leaves_an_event(register: Feed) -> None:
    services.detail_type_update(code="EMAIL", changes={"is_pii": True}, context=ADA)

    with capture_logs() as events:
        export(register, "masked.jsonl", "--mask")
        assert events == []
        export(register, "export.jsonl", "--source", "feed")

    (event,) = events
    assert event["event"] == "personal_data_exported"
    assert (event["source"], event["fields"]) == ("feed", ["EMAIL"])
    assert "@" in event["actor"]


# Formulas


def test_cells_are_exact_unless_they_are_for_spreadsheets(register: Feed) -> None:
    options = ("--source", "feed")
    exact = export(register, "exact.csv", *options).read_text(encoding="utf-8")
    defused = export(register, "defused.csv", *options, "--for-spreadsheets")
    with defused.open(newline="", encoding="utf-8") as file:
        cells = [cell for row in csv.reader(file) for cell in row]

    assert ",=1+1" in exact
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert {"'=1+1", "'=9"} <= set(cells)


# What goes wrong


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--known-at", "9000-01-01"], "What will be known later is not known yet."),
        (
            ["--output", "/nowhere/out"],
            "/nowhere/out cannot be written: No such file or directory.",
        ),
        (["--for-spreadsheets"], "--for-spreadsheets is for --format csv."),
        (["--as-of", "soon"], "argument --as-of: Expected a date like 2024-03-31"),
        (["--known-at", "soon"], "argument --known-at: Expected a date like 2024-03-31"),
    ],
)
def test_wrong_options(register: Feed, options: list[str], sentence: str) -> None:
    answer = register.call("export_entities", *options)
    assert answer.code == 1
    assert sentence in answer.err


def test_a_file_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("yesterday's")

    def fail() -> None:
        with written(str(path)) as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert path.read_text() == "yesterday's"
    assert [one.name for one in tmp_path.iterdir()] == ["out.csv"]


def test_rows_come_by_a_cursor_of_the_server(register: Feed) -> None:
    with snapshot(ENTITIES) as taken, connection.cursor() as cursor:
        rows = taken.rows()
        first = next(rows)
        cursor.execute("SELECT statement FROM pg_cursors")
        statements = [statement for (statement,) in cursor.fetchall()]
        rest = list(rows)

    assert first.values["uuid"] < rest[0].values["uuid"]
    assert len(statements) == 1
    assert '"entities_entity" AS version' in statements[0]


# Random content


def texts() -> st.SearchStrategy[str]:
    odd = st.text(st.sampled_from("\\NE\"\r\n,='x 東"), max_size=6)
    return st.one_of(
        st.sampled_from(NOTES), odd, st.text(st.characters(codec="utf-8", exclude_characters="\0"))
    )


SOURCES = itertools.count()


@given(notes=st.lists(texts(), min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_text_is_it_reads_back(feed: Feed, notes: list[str]) -> None:
    source = f"source {next(SOURCES)}"
    for number, note in enumerate(notes):
        create(f"Bank {number}", source=source, source_id=str(number), details={"NOTE": note})
    for name in ("export.csv", "export.jsonl"):
        answer = feed.run(export(feed, name, "--source", source), "--json")
        assert (answer.code, answer.json["entities"]) == (0, did(unchanged=len(notes)))
        assert answer.json["details"] == did(unchanged=len(notes))


# Parquet


@pytest.mark.slow
def test_parquet_has_typed_columns(register: Feed) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    uuid = create("Typed", details={"EMPLOYEES": -7, "EQUITY": "0.10", "EXTRA": [1]}).uuid
    path = export(register, "out.parquet", "--as-of", "2020-12-31")

    table = parquet.read_table(path)

    assert [(field.name, str(field.type)) for field in table.schema] == [
        *[(name, "string") for name in ("uuid", "source", "source_id", "entity_type")],
        ("display_name", "string"),
        ("valid_from", "timestamp[us, tz=UTC]"),
        ("detail:EMAIL", "string"),
        ("detail:EMPLOYEES", "int64"),
        ("detail:EQUITY", "string"),
        ("detail:EXTRA", "string"),
        ("detail:NOTE", "string"),
    ]
    rows = {row["uuid"]: row for row in table.to_pylist()}
    assert len(rows) == len(NOTES) + 4
    row = rows[str(uuid)]
    assert [row[f"detail:{code}"] for code in ("EMPLOYEES", "EQUITY", "EXTRA", "NOTE")] == [
        *(-7, "0.1", "[1]", None)
    ]
    assert row["valid_from"] == day(2021) - timedelta(microseconds=1)
    assert {row["detail:NOTE"] for row in rows.values()} == {None, *NOTES}


@pytest.mark.slow
def test_parquet_of_nothing_has_a_schema(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    assert parquet.read_table(export(feed, "out.parquet")).num_rows == 0
    monkeypatch.setattr("core.registers.export.formats.ROW_GROUP", 2)
    for number in range(5):
        create(f"Bank {number}")
    assert parquet.read_table(export(feed, "out.parquet")).num_rows == 5


def test_parquet_without_its_library(register: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = register.path("out.parquet")

    answer = register.call("export_entities", "--format", "parquet", "--output", str(path))

    assert (answer.code, path.exists()) == (1, False)
    assert answer.err.startswith("Parquet needs pyarrow, which is not installed: pip install ")
    assert (ROOT / answer.err.split()[-1]).exists()
