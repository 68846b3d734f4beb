"""The first operator, whose password somebody has to see."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from core.local import setup
from core.local.home import Home

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "")
    return Home(tmp_path / "home").open()


def test_the_login_is_told_again_until_it_was_shown(home: Home) -> None:
    login = setup._first_operator()
    assert get_user_model().objects.get(username="admin").check_password(login["password"])
    assert sorted(login) == ["password", "token", "username"]
    assert home.login_file.stat().st_mode & 0o777 == 0o600
    assert setup._first_operator() == login
    home.forget_login()
    assert setup._first_operator() == {}


def test_a_run_that_ended_before_the_operator_was_made_begins_anew(home: Home) -> None:
    home.keep_login({"username": "admin", "password": "never used"})
    login = setup._first_operator()
    assert login["password"] != "never used"
    assert home.unshown_login() == login
