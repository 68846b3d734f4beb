"""The form of a thing in the admin, as it is sent."""

from typing import Any

import pytest
from django.test import Client

from core.models.scd2 import Future
from core.tests.admin import test_versioned
from core.tests.admin.test_versioned import LIST, names, posted

pytestmark = pytest.mark.django_db

editor, flags = test_versioned.editor, test_versioned.flags


@pytest.fixture(autouse=True)
def harbour(settings: Any) -> None:
    settings.ROOT_URLCONF = "core.tests.admin.test_versioned"
    settings.UNFOLD = {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("valid_from", "2021-01-01"),
        ("valid_to", "2999-01-01"),
        ("future", Future.OVERWRITE.value),
        ("reason", "Merged"),
    ],
)
def test_a_period_without_a_change_is_refused(
    editor: Client, flags: None, field: str, value: str
) -> None:
    answer = posted(editor, f"{LIST}PL/change/", **{field: value})
    assert answer.context["adminform"].form.errors == {
        field: ["No field is changed, so this would do nothing: change a field."]
    }
    assert names() == [("Polska", 2020), ("Poland", 2022)]
