"""The test database, for every test of the project.

One server for the whole run, also under xdist: its controller starts it. Tests run as the
application role through ``default``; ``owner`` is the owner of the tables. A test that needs real
commits, or other processes, asks for ``committed_db``: versioned tables refuse to be emptied, so
such a test gets a database of its own instead of cleaning up.
"""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from core.tests.databases import CommittedDatabase, Run, pointed_at, started_run

_run_key = pytest.StashKey[Run]()
_numbers = itertools.count(1)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker which server the controller runs."""
    node.workerinput["database_run"] = asdict(_run_of(node.config))


@pytest.fixture(scope="session")
def database_run(request: pytest.FixtureRequest) -> Run:
    """The server of this run and what it holds."""
    return _run_of(request.config)


@pytest.fixture(scope="session")
def django_db_setup(database_run: Run, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Instead of pytest-django's own: a clone of the migrated template for this process."""
    with django_db_blocker.unblock():
        database = database_run.clone(os.environ.get("PYTEST_XDIST_WORKER", "main"))
        with pointed_at(database):
            yield
        database_run.drop(database.name)


@pytest.fixture
def committed_db(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[CommittedDatabase]:
    """A fresh database for this test alone, in which commits are real and others may look on."""
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        pytest.fail("committed_db stands alone: this test also asks for a transaction.")
    run = _run_of(request.config)
    name = f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{next(_numbers)}"
    with django_db_blocker.unblock():
        database = run.clone(name)
        with pointed_at(database):
            yield database
        run.drop(database.name)


@pytest.fixture(scope="session", autouse=True)
def kept_resolvers() -> None:
    """Keep the resolvers of each service when a test turns to another one: they do not change.

    Django would make them anew, all of the admin included, for every test of an API.
    """
    from django.test.signals import root_urlconf_changed, setting_changed
    from django.urls import set_urlconf

    def forget_last_request(*, setting: str, **_: Any) -> None:
        if setting == "ROOT_URLCONF":
            set_urlconf(None)

    setting_changed.disconnect(root_urlconf_changed)
    setting_changed.connect(forget_last_request, weak=False)


@pytest.fixture(autouse=True)
def fresh_modes() -> None:
    """No test sees the modes of apps that another one set."""
    from core.control import modes

    modes.forget()


def pytest_collection_finish() -> None:
    """Look for garbage only among what the tests make: all else is there to stay.

    It takes a tenth off the whole run.
    """
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs PostgreSQL, so that the gate can run that again on an older one."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if item.get_closest_marker("django_db") or {"db", "committed_db", "database_run"} & set(
            fixtures
        ):
            item.add_marker(pytest.mark.database)


def _run_of(config: pytest.Config) -> Run:
    if _run_key not in config.stash:
        config.stash[_run_key] = _start(config)
    return config.stash[_run_key]


def _start(config: pytest.Config) -> Run:
    workerinput = getattr(config, "workerinput", None)
    if workerinput is not None:
        return Run(**workerinput["database_run"])
    stack = ExitStack()
    config.add_cleanup(stack.close)
    return stack.enter_context(started_run(os.environ))
