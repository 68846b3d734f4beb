"""The role table of ``docs/security.md``, read as the document has it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from auth.roles import Role
from core.local.home import ROOT

DOCUMENT: Path = ROOT / "docs" / "security.md"
CALLERS = ("anonymous", "no role", *(role.value for role in Role))
"""The columns, in their order."""

YES, NO = "yes", "–"
SPAN = re.compile(r"`([^`]+)`")
CHOICE = re.compile(r"\{([^{}]*,[^{}]*)\}")


class Row(NamedTuple):
    """Who may call one method of one path. ``address`` is the path with its query, if any."""

    service: str
    method: str
    address: str
    allowed: frozenset[str]

    @property
    def path(self) -> str:
        return self.address.partition("?")[0]

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.address}"


class Command(NamedTuple):
    """A command of ``manage.py``, and the database role that it connects as."""

    name: str
    connects_as: str


def calls() -> list[Row]:
    """What is called with a token."""
    return list(rows("call"))


def pages() -> list[Row]:
    """What a browser opens with a session."""
    return list(rows("page"))


def commands() -> list[Command]:
    """What is typed into a shell."""
    return [
        Command(span.removeprefix("manage.py ").split()[0], cells[1])
        for cells in tables("command")
        for span in SPAN.findall(cells[0])
    ]


def rows(heading: str) -> Iterator[Row]:
    for addresses, services, *marks in tables(heading):
        for service, span in itertools.product(services.split(", "), SPAN.findall(addresses)):
            method, _, address = span.partition(" ")
            for one in expanded(address):
                yield Row(service, method, one, allowed(span, marks))


def allowed(span: str, marks: list[str]) -> frozenset[str]:
    """The callers marked with a yes. Raises ValueError for a row that cannot be read."""
    if len(marks) != len(CALLERS) or not set(marks) <= {YES, NO}:
        raise ValueError(
            f"{DOCUMENT.name}: the row of {span} needs {YES!r} or {NO!r} under each of "
            f"{', '.join(CALLERS)}; it has {marks}."
        )
    return frozenset(who for who, mark in zip(CALLERS, marks, strict=True) if mark == YES)


def expanded(address: str) -> Iterator[str]:
    """``/x/{a,b}/`` is ``/x/a/`` and ``/x/b/``; ``{a}`` stands for any value, and stays."""
    choice = CHOICE.search(address)
    if choice is None:
        yield address
        return
    for word in choice.group(1).split(","):
        yield from expanded(address[: choice.start()] + word + address[choice.end() :])


def tables(heading: str) -> Iterator[list[str]]:
    """The cells of every row of the tables whose first column has that heading."""
    inside = False
    for line in DOCUMENT.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif inside and not set(cells[0]) <= set("-: "):
            yield cells
        elif not inside:
            inside = cells[0] == heading
