"""``manage.py export_audit``: the log as a file, for machines and for people."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.models import AuditEntry
from core.models.audit import AuditAction
from core.models.audit_log import record
from core.models.scd2 import Channel, Context
from entities.tests.conftest import create, make_types
from entities.v1.tests.test_masking import mark

pytestmark = pytest.mark.django_db
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"]


def said(reason: str, actor: str = "ada", **how: Any) -> None:
    record(
        Context(actor=actor, channel=Channel.SYSTEM, reason=reason, **how),
        model_label="harbour.flag",
        key={"code": "NO"},
        before=None,
        after={"name": "=cmd"},
        action=AuditAction.OPENED,
    )


def exported(folder: Path, *options: str) -> tuple[str, str]:
    """The file, and what the command said."""
    err = io.StringIO()
    path = folder / "log"
    recent = ("--from", "2000-01-01")  # later than what every register begins with
    call_command("export_audit", "--output", str(path), *recent, *options, stderr=err)
    return path.read_bytes().decode(), err.getvalue()


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_every_entry_oldest_first(tmp_path: Path) -> None:
    for number in range(5):
        said(f"reason {number}")
    text, told = exported(tmp_path)
    assert [entry["reason"] for entry in lines(text)] == [f"reason {n}" for n in range(5)]
    assert told.strip() == "5 entries."
    entry = lines(text)[0]
    assert (entry["after"], entry["natural_key"]) == ({"name": "=cmd"}, {"code": "NO"})
    assert entry["instant"].endswith("Z")
    assert (entry["source"], entry["source_id"]) == (None, None)


@pytest.mark.parametrize("layout", ["jsonl", "csv"])
def test_it_says_which_feed_named_a_thing(tmp_path: Path, layout: str) -> None:
    make_types()
    create("Bank", source="feed", source_id="7", details={"NOTE": "a note"})
    text, _ = exported(tmp_path, "--format", layout)
    rows = lines(text) if layout == "jsonl" else list(csv.DictReader(io.StringIO(text)))
    named = {row["model"]: (row["source"] or None, row["source_id"] or None) for row in rows}
    assert named == {
        "entities.entity": ("feed", "7"),
        "entities.entitydetail": ("feed", "7"),
        "entities.entitytype": (None, None),
        "entities.detailtype": (None, None),
    }


def test_its_filters(tmp_path: Path) -> None:
    said("one", actor="ada", request_id="r")
    said("two", actor="bob", batch="b")
    middle = AuditEntry.objects.latest("id")

    def reasons(*options: str) -> list[str]:
        return [entry["reason"] for entry in lines(exported(tmp_path, *options)[0])]

    assert reasons("--actor", "bob") == ["two"]
    assert reasons("--request-id", "r") == ["one"]
    assert reasons("--batch", "b") == ["two"]
    assert reasons("--from", middle.instant.isoformat()) == ["two"]
    assert reasons("--to", middle.instant.date().isoformat()) == ["one", "two"]
    assert reasons("--entity", str(middle.uuid)) == ["one", "two"]


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    for formula in FORMULAS:
        said(formula, actor=formula)
    text, _ = exported(tmp_path, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["reason"] for row in rows] == [f"'{formula}" for formula in FORMULAS]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(tuple("=+-@＝"))]
    assert {row["after"] for row in rows} == {'{"name":"=cmd"}'}


@pytest.mark.parametrize("layout", ["jsonl", "csv"])
def test_personal_data_is_written_only_if_asked_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, layout: str
) -> None:
    caplog.set_level("INFO")
    make_types()
    speaking = Context(actor="ada", channel=Channel.SYSTEM, reason="Ada told")
    details = {"EMAIL": "ada@example.org", "NOTE": "a note"}
    create("Ada", entity_type="PERSON", details=details, context=speaking)
    mark()
    plain, _ = exported(tmp_path, "--format", layout)
    assert "Ada" not in plain
    assert "ada@example.org" not in plain
    assert "a note" in plain
    assert "display_name" in plain
    assert "personal_data_exported" not in str([vars(one) for one in caplog.records])
    whole, _ = exported(tmp_path, "--format", layout, "--with-personal-data")
    assert "ada@example.org" in whole
    assert "Ada told" in whole
    [event] = [r.msg for r in caplog.records if r.msg["event"] == "personal_data_exported"]
    asked = {"from_instant": "2000-01-01 00:00:00+00:00"}
    assert (event["model"], event["asked"]) == ("core.auditentry", asked)
    assert "ada@example.org" not in str(event)


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_audit", "--output", str(tmp_path / "none" / "log"))
