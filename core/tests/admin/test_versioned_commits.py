"""A page of the admin with real commits."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from core.tests.admin.test_versioned import FlagAdmin, Written, flag_create, posted
from core.tests.databases import CommittedDatabase
from core.tests.harbour.models import Flag


def test_a_page_has_no_transaction_around_its_service(
    committed_db: CommittedDatabase, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a writer in the way would end it, instead of being waited for and tried again."""
    settings.ROOT_URLCONF = "core.tests.admin.test_versioned"
    settings.UNFOLD = {}
    inside: list[bool] = []

    def create(**given: Any) -> Written:
        inside.append(connection.in_atomic_block)
        return flag_create(**given)

    monkeypatch.setattr(FlagAdmin, "create", staticmethod(create))
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root"))
    answer = posted(client, "/harbour/flag/add/", code="UN", name="United")
    assert answer.status_code == 302
    assert inside == [False]
    assert Flag.objects.get(code="UN").actor == "root"
