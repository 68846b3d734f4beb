"""Exports of a register with columns of many types and contained things."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from core.registers.export.formats import FORMATS
from core.registers.export.snapshot import snapshot
from core.tests.registers.read.test_reads import ARGO, VESSELS, day, fleet  # noqa: F401

pytestmark = pytest.mark.django_db


def exported(form: str, **how: Any) -> str:
    file = io.BytesIO()
    with snapshot(VESSELS, **{"as_of": day(2021), **how}) as taken:
        assert FORMATS[form](file, taken).write(taken.rows()) == 3
    return file.getvalue().decode()


def test_json_lines_have_every_column_and_what_is_contained() -> None:
    first = json.loads(exported("jsonl").splitlines()[0])

    assert first == {
        "uuid": str(ARGO),
        "name": "Árgo",
        "flag": "GR",
        "tonnage": "12.5",
        "in_service": None,
        "launched": "2019-05-01",
        "inspected_at": None,
        "valid_from": "2021-01-01T00:00:00.000000Z",
        "cargos": {
            "A1": {"goods": "wool", "weight": "1.5"},
            "B2": {"goods": "wine", "weight": "2"},
        },
    }


def test_csv_has_a_column_for_everything_that_is_contained() -> None:
    header, first, second, *_ = exported("csv").splitlines()

    assert header == (
        "uuid,name,flag,tonnage,in_service,launched,inspected_at,valid_from,"
        "cargos:A1:goods,cargos:B2:goods,cargos:A1:weight,cargos:B2:weight"
    )
    start = "2021-01-01T00:00:00.000000Z"
    assert first == f"{ARGO},Árgo,GR,12.5,,2019-05-01,,{start},wool,wine,1.5,2"
    assert second.split(",")[1:6] == ["Beagle", "GB", "", "true", ""]


def test_personal_data_can_be_left_out() -> None:
    rows = [json.loads(line) for line in exported("jsonl", mask=True).splitlines()]

    assert {row["name"] for row in rows} == {None}
