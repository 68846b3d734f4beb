"""The sample data as it stands after every release, against the facts worked out from its files."""

import hashlib
import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command
from pytest_django.plugin import DjangoDbBlocker

from core.env import ROOT
from core.models import AuditEntry, IngestBatch
from core.tests.databases import CommittedDatabase, Run, pointed_at
from entities import services
from entities.management.commands import load_sample_data
from entities.models import DetailType, Entity, EntityType
from entities.naming import entity_uuid
from entities.selectors import (
    EntityFilter,
    basis,
    entity_diff,
    entity_history,
    entity_list,
    entity_snapshot,
    type_snapshot,
    valid_periods,
)
from entities.tests.conftest import ADA, create

pytestmark = pytest.mark.xdist_group("sample_data")

FACTS = json.loads((ROOT / "sample_data" / "facts.json").read_text(encoding="utf-8"))
RELEASES = FACTS["releases"]
DEGUSSA = entity_uuid("bank-register", "DE:50010700")
MICROSECOND = timedelta(microseconds=1)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def run() -> str:
    out = io.StringIO()
    call_command("load_sample_data", stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def loaded(
    database_run: Run, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[list[str]]:
    """The lines that the load of everything printed, in a database for this module alone."""
    with django_db_blocker.unblock():
        database = database_run.clone("sample_data")
        with pointed_at(database):
            yield run().splitlines()
        database_run.drop(database.name)


def expected(release: dict[str, Any]) -> tuple[dict[str, int], dict[str, int]]:
    """What a release does, counted from the facts: a changed thing is closed and opened again."""
    values = release["detail_values"]
    names = release["names_changed"]
    entities = {
        "opened": release["new"] + names,
        "closed": release["ended"] + names,
        "superseded": 0,
        "unchanged": sum(release["banks"].values()) - release["new"] - names,
        "overtaken": 0,
    }
    details = {
        "opened": values["new"] + values["changed"],
        "closed": values["ended"] + values["changed"],
        "superseded": 0,
        "unchanged": values["unchanged"],
        "overtaken": 0,
    }
    return entities, details


@pytest.mark.parametrize("number", range(len(RELEASES)))
def test_counts_per_release(loaded: list[str], number: int) -> None:
    release = RELEASES[number]
    batch = IngestBatch.objects.get(file=release["file"])
    entities, details = expected(release)

    assert batch.counts == {"entities": entities, "details": details}
    assert (batch.read, batch.rejected) == (release["rows"], 0)
    assert batch.system_instant == instant(release["date"])


def test_a_line_is_printed_for_each_release(loaded: list[str]) -> None:
    assert [line[:10] for line in loaded] == [release["date"][:10] for release in RELEASES]
    assert loaded[1].startswith(
        "2021-10-12  entities: 109 opened, 112 closed, 0 superseded, 7,461 unchanged, "
        "0 overtaken; details: 191 opened, 210 closed, 0 superseded, 29,934 unchanged, "
        "0 overtaken; "
    )


def test_it_is_loaded_once(loaded: list[str]) -> None:
    entries = AuditEntry.objects.count()

    assert run() == "The sample data is loaded already.\n"
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("source_id", FACTS["timelines"])
def test_timelines(loaded: list[str], source_id: str) -> None:
    uuid = entity_uuid("bank-register", source_id)
    timeline = FACTS["timelines"][source_id]
    for period in timeline:
        ends = [instant(period["to"])] if period["to"] else []
        for at in (instant(period["from"]), *(end - MICROSECOND for end in ends)):
            found = entity_snapshot(uuid, as_of=at)
            assert found is not None
            assert found["display_name"] == period["display_name"]
            assert found["details"] == period["details"]
    covered = [
        (instant(one["from"]), instant(one["to"]) if one["to"] else None) for one in timeline
    ]
    assert valid_periods(uuid) == melted(covered)


def melted(periods: list[tuple[datetime, datetime | None]]) -> list[Any]:
    """Periods that touch, as one."""
    found: list[Any] = []
    for start, end in periods:
        touches = found and found[-1][1] == start
        found.append((found.pop()[0] if touches else start, end))
    return found


def test_degussa_became_oldenburgische_landesbank(loaded: list[str]) -> None:
    rows = entity_history(DEGUSSA, limit=100)

    names = [(row["valid_from"], row["display_name"]) for row in rows if row["detail_code"] is None]
    assert names == [
        (instant("2025-07-28T00:00:00Z"), "Oldenburgische Landesbank AG"),
        (instant("2024-11-11T00:00:00Z"), "Oldenburgische Landesbank"),
        (instant("2021-01-20T00:00:00Z"), "Degussa Bank"),
    ]


@pytest.mark.parametrize("number", range(len(RELEASES)))
def test_between_two_releases_the_register_is_that_of_the_time(
    loaded: list[str], number: int
) -> None:
    release = RELEASES[number]
    at = instant(release["date"]) + timedelta(days=1)
    known_at = at if number == len(RELEASES) - 1 else None

    assert valid_at(at, known_at) == sum(release["banks"].values())


def valid_at(at: datetime, known_at: datetime | None) -> int:
    filters = EntityFilter(source="bank-register")
    rows = entity_list(filters, as_of=at, known_at=known_at, limit=10_000)
    return len(rows)


def test_before_a_release_it_was_not_known(loaded: list[str]) -> None:
    merger = instant("2024-11-11T00:00:00Z")
    now = basis()[0]

    before = entity_snapshot(DEGUSSA, as_of=now, known_at=merger - MICROSECOND)
    after = entity_snapshot(DEGUSSA, as_of=now, known_at=merger)

    assert before is not None
    assert after is not None
    assert before["display_name"] == "Degussa Bank"
    assert after["display_name"] == "Oldenburgische Landesbank"
    first = instant(RELEASES[0]["date"])
    assert entity_snapshot(DEGUSSA, as_of=now, known_at=first - MICROSECOND) is None


@pytest.mark.parametrize("number", [1, 7])
def test_the_diff_of_two_releases(loaded: list[str], number: int) -> None:
    at, now = instant(RELEASES[number]["date"]), basis()[1]

    rows = entity_diff(from_=at, to=at, known_from=now, known_to=now, limit=10_000)

    release = RELEASES[number]
    kinds = [row["change"] for row in rows]
    assert (kinds.count("created"), kinds.count("ended")) == (release["new"], release["ended"])
    updated = [orjson.loads(row["fields"]) for row in rows if row["change"] == "updated"]
    renamed = sum("display_name" in fields for fields in updated)
    assert renamed == release["names_changed"]
    detailed = sum(any(name.startswith("details.") for name in fields) for fields in updated)
    assert detailed == release["details_changed"]


def test_the_diff_names_entity_and_field(loaded: list[str]) -> None:
    at, now = instant("2024-11-11T00:00:00Z"), basis()[1]

    (row,) = entity_diff(from_=at, to=at, known_from=now, known_to=now, entity=DEGUSSA, limit=10)

    fields = orjson.loads(row["fields"])
    changed = {name: (field["before"], field["after"]) for name, field in fields.items()}
    assert (row["change"], changed) == (
        "updated",
        {
            "display_name": ("Degussa Bank", "Oldenburgische Landesbank"),
            "details.SHORT_NAME": ("Degussa Bank Frankfurt Main", "Oldb Landesbank Oldenburg"),
        },
    )


def test_the_types_are_older_than_the_banks(loaded: list[str]) -> None:
    first = instant(RELEASES[0]["date"])

    bank = type_snapshot(EntityType, "BANK", as_of=first, known_at=first - MICROSECOND)
    bic = type_snapshot(DetailType, "BIC", as_of=first, known_at=first - MICROSECOND)
    assert bank is not None
    assert bic is not None
    assert (bank["name"], bic["data_type"]) == ("Bank", "text")


# Interrupted, and not alone


@pytest.fixture
def few(committed_db: CommittedDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two releases of one bank."""
    listed = []
    for number, name in enumerate(("Alpha", "Aleph")):
        file = f"release-{number}.csv"
        content = f"source_id,entity_type,display_name\nXX:1,BANK,{name}\n".encode()
        (tmp_path / file).write_bytes(content)
        date, digest = f"202{number}-01-01T00:00:00Z", hashlib.sha256(content).hexdigest()
        listed.append({"file": file, "date": date, "sha256": digest})
    (tmp_path / "releases.json").write_text(json.dumps(listed))
    monkeypatch.setattr(load_sample_data, "HERE", tmp_path)
    return tmp_path


def test_it_goes_on_where_it_was_interrupted(few: Path) -> None:
    second = (few / "release-1.csv").read_bytes()
    (few / "release-1.csv").unlink()
    with pytest.raises(CommandError, match=r"release-1\.csv cannot be read"):
        run()
    assert Entity.objects.count() == 1
    (few / "release-1.csv").write_bytes(second)

    out = run()

    assert [line[:10] for line in out.splitlines()] == ["2021-01-01"]
    names = Entity.objects.order_by("valid_from").values_list("display_name", flat=True)
    assert list(names) == ["Alpha", "Aleph"]
    assert run() == "The sample data is loaded already.\n"


def test_it_stays_away_from_a_register_in_use(few: Path) -> None:
    services.entity_type_create(code="BANK", name="Bank", context=ADA)
    create("Own")
    today = basis()[0]

    out = run()

    assert out == (
        "The sample data is not loaded: it is history from 2020-01-01 on, and there are later "
        f"entries already, the last of {today:%Y-%m-%d}.\n"
    )
    assert list(Entity.objects.values_list("display_name", flat=True)) == ["Own"]


def test_without_the_files(few: Path) -> None:
    (few / "releases.json").unlink()

    with pytest.raises(CommandError, match="There is no sample data in"):
        run()
