"""``manage.py housekeep`` as an operator runs it."""

from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction

from core import housekeeping
from core.housekeeping import chores, done

pytestmark = pytest.mark.django_db
KEPT = [3]


def old_flags(*, dry_run: bool) -> int:
    assert transaction.get_connection().in_atomic_block
    found = KEPT[0]
    KEPT[0] = found if dry_run else 0
    return found


@pytest.fixture
def _one_chore(monkeypatch: pytest.MonkeyPatch) -> None:
    KEPT[0] = 3
    app = SimpleNamespace(chores=(f"{__name__}.old_flags",))
    installed = SimpleNamespace(get_app_configs=lambda: [app, SimpleNamespace()])
    monkeypatch.setattr(housekeeping, "apps", installed)


def housekeep(*options: str) -> str:
    out = StringIO()
    call_command("housekeep", *options, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("_one_chore")
def test_a_dry_run_counts_and_removes_nothing() -> None:
    assert housekeep("--dry-run") == "old flags: 3 would be removed\n"
    assert housekeep() == "old flags: 3 removed\n"
    assert housekeep() == "old flags: 0 removed\n"


def test_every_chore_that_an_app_names_is_there() -> None:
    named = [path for app in apps.get_app_configs() for path in getattr(app, "chores", ())]
    assert [f"{c.__module__}.{c.__name__}" for c in chores()] == named
    assert "auth.housekeeping.expired_tokens" in named


def test_a_chore_that_fails_removes_nothing() -> None:
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    def half_done(*, dry_run: bool) -> Any:
        Session.objects.all().delete()
        raise RuntimeError

    Session.objects.create(session_key="a", session_data="", expire_date=timezone.now())
    with pytest.raises(RuntimeError):
        done(half_done, dry_run=False)
    assert Session.objects.count() == 1


def test_every_chore_runs_on_an_empty_database() -> None:
    lines = housekeep().splitlines()
    assert len(lines) == len(list(chores()))
    assert all(line.endswith(": 0 removed") for line in lines)
