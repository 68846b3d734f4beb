"""Who is acting, from a shell and from a request."""

import getpass
import re
import socket
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import RequestFactory

from core.contexts import caller, shell
from core.local.home import ROOT
from core.models.scd2.change import Channel, Context
from core.tests.harbour.models import Cargo, Flag, Vessel


def test_a_shell_is_an_actor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    monkeypatch.setattr(socket, "gethostname", lambda: "tug")
    expected = Context(actor="ada@tug", channel=Channel.SYSTEM, reason="repair")
    assert shell("repair") == expected


def test_a_shell_without_a_name_is_still_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert shell().actor == f"unknown@{socket.gethostname()}"


def test_a_caller_is_the_user_of_the_request() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7", HTTP_X_REQUEST_ID="r-1")
    request.user = get_user_model()(pk=7, username="ada")
    assert caller(request, Channel.ADMIN, reason="because") == Context(
        actor="ada",
        actor_id=7,
        channel=Channel.ADMIN,
        client_address="192.0.2.7",
        request_id="r-1",
        reason="because",
    )


def test_who_is_only_signing_in_is_named() -> None:
    grace = get_user_model()(pk=8, username="grace")
    context = caller(RequestFactory().post("/"), Channel.API, user=grace)
    assert (context.actor, context.actor_id) == ("grace", 8)


class Steward:
    """A user who may end vessels and nothing else."""

    pk, get_username = 9, staticmethod(lambda: "stella")

    def has_perm(self, name: str) -> bool:
        return name == "harbour.delete_vessel"


def test_a_person_s_rights_in_time_are_those_on_the_model(settings: Any) -> None:
    settings.BACKDATING_GRACE = 90
    limits = caller(RequestFactory().post("/"), Channel.API, user=Steward()).limits
    assert limits is not None
    assert limits.grace == timedelta(seconds=90)
    assert [limits.may_rewrite(model) for model in (Vessel, Flag)] == [True, False]
    assert not limits.bind(Cargo.shape)
    assert limits.bind(Flag.shape)


def test_a_shell_has_no_limits() -> None:
    assert shell().limits is None


APPS = ("core", "auth", "cockpit", "entities")


def test_whoever_says_elsewhere_who_acts_says_their_limits() -> None:
    sources = (file for app in APPS for file in (ROOT / app).rglob("*.py"))
    building = {
        str(file.relative_to(ROOT)): "limits=limits_of(" in file.read_text()
        for file in sources
        if "tests" not in file.parts and re.search(r"\bContext\(", file.read_text())
    }
    assert building == {"core/contexts.py": True, "core/ingest/background.py": True}
