"""The admin pages of an app that is not active."""

from __future__ import annotations

import pytest
from django.test import Client

from core.control import modes, set_mode, stored_states
from core.models import AppMode
from core.models.scd2 import Channel, Context

pytestmark = pytest.mark.django_db
HTML = {"Accept": "text/html"}
LIST = "/entities/entitytype/"
ADD = "/entities/entitytype/add/"


def switch(mode: AppMode) -> None:
    who = Context(actor="ada", channel=Channel.ADMIN)
    set_mode(slug="entities", mode=mode, reason="Moving house", context=who)
    modes.states = stored_states()


@pytest.mark.parametrize("address", [LIST, ADD, "/entities/"])
def test_the_pages_of_an_offline_app_say_why(root: Client, address: str) -> None:
    switch(AppMode.OFFLINE)

    answer = root.get(address, headers=HTML)

    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "The app entities is offline: Moving house" in answer.content.decode()


@pytest.mark.parametrize("address", ["/", "/core/auditentry/", "/cockpit_auth/user/"])
def test_all_other_pages_stay(root: Client, address: str) -> None:
    switch(AppMode.OFFLINE)

    assert root.get(address, headers=HTML).status_code == 200


def test_a_read_only_app_is_shown_with_its_reason(root: Client) -> None:
    switch(AppMode.READ_ONLY)

    answer = root.get(LIST, headers=HTML)

    assert answer.status_code == 200
    assert "Entities is read-only: Moving house" in answer.content.decode()


def test_a_form_of_a_read_only_app_is_refused_by_the_engine(root: Client) -> None:
    switch(AppMode.READ_ONLY)

    answer = root.post(ADD, {"code": "FIRM", "name": "Firm", "reason": ""}, headers=HTML)

    assert answer.status_code == 200
    assert "The app entities is read-only: Moving house" in answer.content.decode()


def test_whoever_has_not_signed_in_is_not_told_why() -> None:
    switch(AppMode.OFFLINE)

    assert Client().get(LIST, headers=HTML).status_code == 302
