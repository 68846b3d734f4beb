"""A client made from nothing but the description does what its user means."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from auth.tests.conformance import token_of
from core.tests.databases import CommittedDatabase
from core.tests.running import running
from entities.v1.tests.conftest import make_types

PACKAGE = "register_client"
NO_LINES = "Unsupported content type application/x-ndjson"
"""The one thing that the generator does not know; the same call takes JSON."""


@pytest.fixture
def client(
    committed_db: CommittedDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """A client of the running service, made from what the service says of itself."""
    make_types()
    with running("entities", tmp_path / "service.log") as address:
        generate(address, tmp_path / PACKAGE)
        monkeypatch.syspath_prepend(tmp_path)
        made = import_module(PACKAGE)
        with made.AuthenticatedClient(address, token_of("steward"), prefix="Token") as client:
            yield client
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def generate(address: str, folder: Path) -> None:
    programs = Path(sys.executable).parent
    command = ["openapi-python-client", "generate", "--meta=none", f"--url={address}/schema"]
    told = subprocess.run(
        [str(programs / command[0]), *command[1:], f"--output-path={folder}"],
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stderr.count("WARNING") == told.stderr.count(NO_LINES) == 1, told.stderr


def call(client: Any, tag: str, operation: str, *path: Any, **given: Any) -> Any:
    """What a call answers, in the client's own types."""
    module = import_module(f"{PACKAGE}.api.{tag}.{operation}")
    return module.sync(*path, client=client, **given)


def test_it_creates_changes_looks_back_and_compares(client: Any) -> None:
    models = import_module(f"{PACKAGE}.models")
    details = models.EntityCreateDetailsType0.from_dict({"EMPLOYEES": 12, "EQUITY": "12.50"})
    body = models.EntityCreate(
        "BANK", "Bank of Nowhere", valid_from=date(2024, 1, 1), details=details
    )
    made = call(client, "entities", "entities_create", body=body, idempotency_key="first")
    assert isinstance(made, models.WrittenEntity)
    assert made.valid_from == datetime(2024, 1, 1, tzinfo=UTC)
    assert made.details.to_dict() == {"EMPLOYEES": 12, "EQUITY": "12.5"}
    assert (made.outcome.opened, made.valid_to) == (3, None)
    again = call(client, "entities", "entities_create", body=body, idempotency_key="first")
    assert again == made

    change = models.EntityChange(display_name="Nowhere Bank", valid_from=date(2024, 6, 1))
    changed = call(client, "entities", "entities_update", made.uuid, body=change)
    assert (changed.display_name, changed.outcome.closed) == ("Nowhere Bank", 1)

    page = call(client, "entities", "entities_as_of", as_of=date(2024, 5, 31))
    assert [item.display_name for item in page.results] == ["Bank of Nowhere"]
    assert page.next_ is None
    known = {"as_of": date(2024, 6, 1), "known_at": made.basis.known_at}
    then = call(client, "entities", "entities_retrieve", made.uuid, **known)
    assert then.display_name == "Bank of Nowhere"

    diff = call(client, "entities", "entities_diff", from_=date(2024, 5, 1), to=date(2024, 7, 1))
    [entity] = diff.results
    field = entity.fields["display_name"]
    assert (entity.uuid, entity.change.value) == (made.uuid, "updated")
    assert (field.before, field.after) == ("Bank of Nowhere", "Nowhere Bank")
    assert [step.at for step in field.transitions] == [datetime(2024, 6, 1, tzinfo=UTC)]

    history = call(client, "entities", "entities_history", made.uuid)
    assert [version.display_name for version in history.entity] == [
        "Nowhere Bank",
        "Bank of Nowhere",
    ]
    assert history.details["EMPLOYEES"][0].actor == "conforming steward"


def test_it_is_told_what_goes_wrong(client: Any) -> None:
    models = import_module(f"{PACKAGE}.models")
    body = models.EntityCreate("NOBODY", "Nobody")
    problem = call(client, "entities", "entities_create", body=body)
    assert isinstance(problem, models.Problem)
    assert (problem.status, problem.type_) == (400, "urn:cockpit:problem:invalid_request")
    assert [(error.field, error.code) for error in problem.errors] == [
        ("entity_type", "unknown_type")
    ]


def test_it_writes_many_and_ends_one(client: Any) -> None:
    models = import_module(f"{PACKAGE}.models")
    items = [models.EntityItem(entity_type="BANK", display_name=name) for name in ("A", "B")]
    written = call(client, "entities", "entities_bulk", body=items)
    assert [one.outcome.opened for one in written.results] == [1, 1]
    end = import_module(f"{PACKAGE}.api.entities.entities_end")
    assert end.sync_detailed(written.results[0].uuid, client=client).status_code == 204
    left = call(
        client, "entities", "entities_list", ordering=models.EntitiesListOrdering("display_name")
    )
    assert [item.display_name for item in left.results] == ["B"]
