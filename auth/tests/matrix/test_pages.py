"""Every page of the admin with every caller: what the table says, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from auth.models import Token, User
from auth.tests.matrix import table
from auth.tests.matrix.conftest import Cast
from auth.tests.matrix.paths import METHODS, Path, paths
from auth.tests.matrix.samples import filled, page_values
from auth.tests.matrix.table import Row
from core.models import AuditEntry

PAGES = {(row.service, row.path) for row in table.pages()}
PATHS = [path for path in paths() if path[:2] in PAGES]
SENT = {"post": "yes"}
"""What confirms a deletion; a form that lacks its fields writes nothing."""


@contextmanager
def undone() -> Iterator[None]:
    """What one may delete is there for the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def opened(client: Client, service: str, method: str, address: str, settings: Any) -> Any:
    settings.ROOT_URLCONF = f"{service}.config.urls"
    client = copy(client)  # signing out would empty its jar
    client.cookies = copy(client.cookies)
    if method == "POST":
        return client.post(address, SENT)
    return client.generic(method, address)


def is_refused(answer: Any) -> bool:
    """A 403, or the way to the login."""
    if answer.status_code == 302:
        return bool(answer["Location"].startswith("/login/"))
    return answer.status_code in (401, 403, 405)


@pytest.mark.parametrize("row", table.pages(), ids=str)
def test_a_page_is_open_to_whom_the_table_names(row: Row, cast: Cast, settings: Any) -> None:
    for who, client in cast.sessions.items():
        with undone():
            address = filled(row.address, page_values(row.path))
            answer = opened(client, row.service, row.method, address, settings)
        assert answer.status_code < 500, who
        assert is_refused(answer) != (who in row.allowed), f"{who}: {answer.status_code}"


@pytest.mark.parametrize("row", table.pages(), ids=str)
def test_a_page_is_for_the_staff(row: Row, cast: Cast, settings: Any) -> None:
    User.objects.update(is_staff=False)
    for who, client in cast.sessions.items():
        address = filled(row.address, page_values(row.path))
        answer = opened(client, row.service, row.method, address, settings)
        assert is_refused(answer) != ("anonymous" in row.allowed), f"{who}: {answer.status_code}"


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_a_method_without_a_row_writes_nothing(path: Path, cast: Cast, settings: Any) -> None:
    known = {row.method for row in table.pages() if (row.service, row.path) == path[:2]}
    address = filled(path.template, page_values(path.template))
    client = cast.sessions["admin"]
    before = AuditEntry.objects.count(), User.objects.count(), Token.objects.count()
    for method in (method for method in METHODS if method not in known):
        assert opened(client, path.service, method, address, settings).status_code < 500, method
    assert before == (AuditEntry.objects.count(), User.objects.count(), Token.objects.count())
