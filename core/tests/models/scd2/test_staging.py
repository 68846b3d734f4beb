"""What a load can say of itself before it is applied."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from core.models.scd2.change import Change
from core.models.scd2.instruction import instructions
from core.models.scd2.staging import Load
from core.tests.harbour.models import Cargo, Vessel
from core.tests.models.scd2.port import PLAIN, hoist_flags, year

ONE, TWO = (uuid.UUID(int=number) for number in (1, 2))


@pytest.fixture
def load(db: None) -> Iterator[Load]:
    hoist_flags()
    with Load(Vessel.shape) as made:
        yield made


def vessel(root: uuid.UUID, name: str, start: int | None = 2000, **given: Any) -> Change:
    payload = {"name": name, "flag": "NO", **PLAIN}
    return Change({"uuid": root}, payload, None if start is None else year(start), **given)


def cargo(root: uuid.UUID, goods: str | None) -> Change:
    payload = None if goods is None else {"goods": goods, "weight": None}
    return Change({"vessel_uuid": root, "hold_code": "AFT"}, payload, year(2000))


def stage(load: Load, vessels: list[Change], cargoes: list[Change]) -> None:
    load.stage(Vessel.shape, instructions(Vessel.shape, vessels))
    items = instructions(Cargo.shape, cargoes)
    load.stage(Cargo.shape, [item._replace(ordinal=item.ordinal + 100) for item in items])
    load.prepare()


def test_contradictions_name_the_first_of_a_key_and_start(load: Load) -> None:
    vessels = [
        vessel(ONE, "Ada"),
        vessel(ONE, "Ada"),
        vessel(ONE, "Bea"),
        vessel(ONE, "Bea", 2001),
        vessel(TWO, "Bea"),
        vessel(ONE, "Cleo", None),
        vessel(ONE, "Dora", None),
        Change({"uuid": ONE}, None, year(2000)),
        Change({"uuid": ONE}, {"name": "Ada"}, year(2000), partial=True),
    ]
    cargoes = [cargo(ONE, "tea"), cargo(TWO, "tea"), cargo(ONE, "salt"), cargo(TWO, None)]

    stage(load, vessels, cargoes)

    assert load.contradictions() == {2: 0, 6: 5, 7: 0, 8: 0, 102: 100, 103: 101}


def test_what_agrees_is_no_contradiction(load: Load) -> None:
    stage(load, [vessel(ONE, "Ada"), vessel(ONE, "Ada")], [])

    assert load.contradictions() == {}


def test_the_ordinals_of_a_thing_are_those_of_all_models(load: Load) -> None:
    stage(load, [vessel(ONE, "Ada"), vessel(TWO, "Bea")], [cargo(ONE, "tea"), cargo(TWO, "tea")])

    assert load.ordinals_of([ONE]) == {0, 100}
    assert load.ordinals_of([ONE, TWO]) == {0, 1, 100, 101}
    assert load.ordinals_of([]) == set()
