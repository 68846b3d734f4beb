"""Who may not rewrite writes from now on, and ends nothing; judged by what a call does."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from core.models import AuditEntry
from core.models.scd2.bulk import apply_in_bulk
from core.models.scd2.change import Change, Context, Future, Result
from core.models.scd2.exceptions import BatchRefused, NotAllowed, Scd2Error
from core.models.scd2.limits import Limits
from core.tests.doors import apply_changes
from core.tests.harbour.models import Cargo, Vessel
from core.tests.models.scd2.history import History, own_vessels, rolled_back, starting
from core.tests.models.scd2.port import PLAIN, TESTER, Port, hoist_flags
from core.tests.models.scd2.stored import MODELS
from core.tests.oracle import Batch
from core.tests.strategies import LAST, histories

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PATHS = pytest.mark.parametrize("fast_paths", [None, True, False], ids=["call", "fast", "staged"])
GRACE = timedelta(hours=1)


def limited(*, rewrites: tuple[type[Any], ...] = ()) -> Context:
    return dataclasses.replace(TESTER, limits=Limits(lambda model: model in rewrites, GRACE))


EDITOR = limited()
FUTURE = 2100


@pytest.fixture(params=[None, True, False], ids=["call", "fast", "staged"])
def port(request: pytest.FixtureRequest) -> Port:
    """A vessel from 2000 on, with grain in its hold."""
    made = Port(fast_paths=request.param)
    made.apply(made.vessel("Aurora NO", 2000), made.cargo("grain", 2000))
    return made


def vessel_from(port: Port, start: datetime, name: str = "Borea") -> tuple[type[Vessel], Change]:
    payload = {"name": name, "flag": "NO", **PLAIN}
    return Vessel, Change({"uuid": port.uuid}, payload, start)


def refused(port: Port, *said: tuple[Any, Change], context: Context = EDITOR) -> NotAllowed:
    before = everything(port)
    with pytest.raises(NotAllowed) as caught, rolled_back():
        port.apply(*said, context=context)
    assert everything(port) == before
    return caught.value


def everything(port: Port) -> list[Any]:
    vessels = Vessel.objects.filter(uuid=port.uuid).order_by("id")
    holds = Cargo.objects.filter(vessel_uuid=port.uuid).order_by("id")
    return [*vessels.values(), *holds.values(), AuditEntry.objects.count()]


def test_from_now_on_and_in_the_future_is_allowed(port: Port) -> None:
    port.apply(port.vessel({"name": "Borea"}, None), context=EDITOR)
    port.apply(port.vessel({"name": "Cirrus"}, FUTURE), context=EDITOR)
    assert [row[0] for row in Vessel.objects.timeline(uuid=port.uuid).values_list("name")] == [
        "Aurora",
        "Borea",
        "Cirrus",
    ]


def test_within_the_grace_is_allowed_and_before_it_is_not(port: Port) -> None:
    now = datetime.now(UTC)
    port.apply(vessel_from(port, now - GRACE + timedelta(minutes=1)), context=EDITOR)
    error = refused(port, vessel_from(port, now - GRACE - timedelta(minutes=1), "Cirrus"))
    assert error.key == {"uuid": port.uuid}
    assert f"The vessel {port.uuid} would change from" in error.message
    assert "your role may write from" in error.message


def test_correcting_the_past_is_refused(port: Port) -> None:
    error = refused(port, port.vessel({"name": "Borea"}, 2010, 2012))
    assert "would change from 2010-01-01T00:00:00+00:00 on" in error.message
    assert error.code == "permission_denied"


def test_a_thing_that_began_in_the_past_is_refused() -> None:
    for fast_paths in (None, True, False):
        port = Port(fast_paths=fast_paths)
        refused(port, port.vessel("Aurora NO", 2000))
        port.apply(vessel_from(port, datetime.now(UTC)), context=EDITOR)


@pytest.mark.parametrize("start", [None, FUTURE])
def test_ending_is_refused_also_in_the_future(port: Port, start: int | None) -> None:
    error = refused(port, port.vessel(None, start))
    assert error.message.endswith("and your role may end nothing. Ask a steward.")


def test_ending_what_a_thing_contains_is_refused(port: Port) -> None:
    error = refused(port, port.cargo(None, None))
    assert error.key == {"vessel_uuid": port.uuid, "hold_code": "AFT"}
    refused(port, port.vessel({"name": "Borea"}, None), port.cargo(None, FUTURE))


def test_overwriting_what_is_scheduled_is_allowed(port: Port) -> None:
    port.apply(port.vessel({"name": "Cirrus"}, FUTURE))
    said = port.vessel({"name": "Borea"}, None, future=Future.OVERWRITE)
    port.apply(said, context=EDITOR)
    assert Vessel.objects.timeline(uuid=port.uuid).latest("valid_from").name == "Borea"


def test_what_is_so_already_is_open_to_whoever_may_write(port: Port) -> None:
    assert not port.apply(port.vessel("Aurora NO", 2000), context=EDITOR).total.wrote
    gone = port.vessel(None, 1990, 1995)
    assert not port.apply(gone, context=EDITOR).total.wrote


def test_the_right_on_a_thing_covers_what_it_contains(port: Port) -> None:
    port.apply(port.cargo("salt", 2010), context=limited(rewrites=(Vessel,)))
    refused(port, port.cargo("coal", 2015), context=limited(rewrites=(Cargo,)))
    assert port.hold() == [("grain", 2000, 2010), ("salt", 2010, None)]


def test_a_load_names_everything_that_is_beyond() -> None:
    port, other = Port(fast_paths=True), Port(fast_paths=True)
    changes = [one.vessel("Aurora NO", 2000)[1] for one in (port, other)]
    with pytest.raises(BatchRefused) as caught, rolled_back():
        apply_in_bulk([(Vessel, changes)], EDITOR)
    found = {error.key["uuid"] for _, error in caught.value.errors if error.key}
    assert found == {port.uuid, other.uuid}


# Against what the log says of the same call


@PATHS
@given(batches=histories())
def test_a_call_is_refused_if_and_only_if_the_log_would_say_so(
    fast_paths: bool | None, batches: list[Batch]
) -> None:
    with rolled_back():
        hoist_flags()
        *earlier, last = own_vessels(batches)
        history = History(fast_paths=fast_paths)
        if not all(history.play(batch) for batch in earlier):
            return
        last = starting(last, {LAST: history.instants[-1]} if history.instants else {})
        done = tried(last, TESTER, fast_paths)
        if isinstance(done, Scd2Error):
            return
        answer = tried(last, EDITOR, fast_paths)
        assert isinstance(answer, NotAllowed) == beyond(done)


def tried(batch: Batch, context: Context, fast_paths: bool | None) -> Any:
    """What a call answers: its refusal, or what the log says of it; it leaves nothing behind."""
    told = [(MODELS[shape], list(changes)) for shape, changes in batch]
    with rolled_back():
        try:
            return entries_of(apply_changes(told, context, fast_paths=fast_paths))
        except Scd2Error as error:
            return error


def entries_of(result: Result) -> list[Mapping[str, Any]]:
    entries = AuditEntry.objects.filter(instant=result.instant)
    return list(entries.values("instant", "valid_from", "after"))


def beyond(entries: list[Mapping[str, Any]]) -> bool:
    return any(
        entry["after"] is None or entry["valid_from"] < entry["instant"] - GRACE
        for entry in entries
    )
