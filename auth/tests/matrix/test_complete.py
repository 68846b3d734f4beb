"""The table and the services name the same paths, methods and commands."""

import pytest
from django.core.management import get_commands

from auth.tests.matrix import table
from auth.tests.matrix.paths import Path, paths

OURS = ("core", "auth", "cockpit", "entities")
WHERE = f"docs/{table.DOCUMENT.name}"
ROWS = [*table.calls(), *table.pages()]
KNOWN = {(row.service, row.path, row.method) for row in ROWS}


@pytest.mark.parametrize("path", paths(), ids=str)
def test_every_path_has_a_row(path: Path) -> None:
    rows = {row.method for row in ROWS if (row.service, row.path) == path[:2]}
    missing = (path.methods or frozenset()) - rows if rows else path.methods or {"GET"}
    row = f"| `{next(iter(missing), '')} {path.template}` | {path.service} | – | – | … |"
    assert not missing, (
        f"{WHERE} does not say who may {' and '.join(sorted(missing))} {path.template} of "
        f"{path.service}: add to the table of calls or pages a row such as {row}"
    )


def test_every_row_has_a_path() -> None:
    there = {(path.service, path.template): path.methods for path in paths()}
    stale = [
        str(row)
        for row in ROWS
        if (known := there.get((row.service, row.path), frozenset())) is not None
        and row.method not in known
    ]
    assert not stale, f"{WHERE} has rows for what no service answers: remove {', '.join(stale)}."


def test_no_row_is_there_twice() -> None:
    seen = [(row.service, row.path, row.method) for row in ROWS]
    assert sorted(seen) == sorted(KNOWN)


def test_every_command_of_ours_has_a_row() -> None:
    ours = {name for name, app in get_commands().items() if app in OURS}
    rows = [command.name for command in table.commands()]
    missing, stale = ours - set(rows), set(rows) - ours
    assert not missing, (
        f"{WHERE} does not say who may run {', '.join(sorted(missing))}: add to the table of "
        f"commands a row such as | `manage.py {min(missing)}` | application | what it does |"
    )
    assert not stale, f"{WHERE} has rows for commands that there are not: {', '.join(stale)}."
    assert len(rows) == len(set(rows))


def test_every_command_connects_as_one_of_the_two_roles() -> None:
    assert {command.connects_as for command in table.commands()} <= {"application", "owner"}


def test_a_row_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="the row of GET /x needs 'yes' or '–' under each of"):
        table.allowed("GET /x", ["yes", "no"])


def test_alternatives_are_written_out() -> None:
    assert list(table.expanded("/{a,b}/{id}/{c,d}/")) == [
        "/a/{id}/c/",
        "/a/{id}/d/",
        "/b/{id}/c/",
        "/b/{id}/d/",
    ]
