from typing import Any

import pytest
from django.contrib.auth import get_user_model
from rest_framework.test import APIClient

from core.models.scd2 import Change, Channel, Context
from core.models.scd2.engine import apply_changes
from core.tests.api.harbour import FIRST
from core.tests.harbour.models import Flag

SYSTEM = Context(actor="tester", channel=Channel.SYSTEM)


@pytest.fixture
def client(db: None, settings: Any) -> APIClient:
    """A client that may do everything, on the example API."""
    settings.ROOT_URLCONF = "core.tests.api.harbour"
    client = APIClient()
    user = get_user_model().objects.create(username="ada", is_superuser=True)
    client.force_authenticate(user)
    return client


@pytest.fixture
def flags(db: None) -> list[str]:
    """Seven flags, each valid from the first of January 2020."""
    codes = ["AT", "CH", "DE", "FR", "GB", "NO", "PL"]
    changes = [Change({"code": code}, {"name": f"name of {code}"}, FIRST) for code in codes]
    apply_changes([(Flag, changes)], SYSTEM)
    return codes
