"""Who is acting, from a shell and from a request."""

import getpass
import socket

import pytest
from django.contrib.auth import get_user_model
from django.test import RequestFactory

from core.actors import caller, shell
from core.models.scd2.change import Channel, Context


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
