"""Everybody and something of everything, made once a module: each test undoes what it did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from django.db import transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from auth.tests.matrix import people
from auth.tests.matrix.samples import fill_access, fill_register

Clients = dict[str, Client]


class Cast(NamedTuple):
    """The callers by name, and values for the names in paths."""

    tokens: Clients
    bad_tokens: Clients
    sessions: Clients
    values: dict[str, str]


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    with django_db_blocker.unblock(), transaction.atomic():
        values = fill_register()
        tokens, bad_tokens = people.with_tokens(), people.with_bad_tokens()
        sessions = people.with_sessions()
        fill_access()
        yield Cast(tokens, bad_tokens, sessions, values)
        transaction.set_rollback(True)


@pytest.fixture
def cast(made: Cast, db: None) -> Cast:
    return made
