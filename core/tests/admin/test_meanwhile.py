"""Two people on one thing in the admin: the later is told of the earlier, and nothing is lost."""

from typing import Any

import pytest
from django.test import Client

from core.models import AuditEntry
from core.tests.admin import test_versioned
from core.tests.admin.test_versioned import ADA, LIST, day, flag_update, names, posted

pytestmark = pytest.mark.django_db

editor, flags = test_versioned.editor, test_versioned.flags


@pytest.fixture(autouse=True)
def harbour(settings: Any) -> None:
    settings.ROOT_URLCONF = "core.tests.admin.test_versioned"
    settings.UNFOLD = {}


def sent_back(answer: Any, **fields: Any) -> dict[str, Any]:
    """What a browser sends of the form in an answer."""
    form = answer.context["adminform"].form
    shown = {bound.html_name: bound.value() for bound in form} | fields
    return {name: value for name, value in shown.items() if value not in (None, False)}


def lines_of(refused: Any) -> list[str]:
    """What stands above the form: the refusal, then each change of others in a line."""
    [told] = refused.context["adminform"].form.non_field_errors()
    assert told in refused.content.decode()
    return str(told).split("<br>")


def test_what_another_person_changed_meanwhile_is_shown_first(editor: Client, flags: None) -> None:
    first = editor.get(f"{LIST}PL/change/")
    flag_update(code="PL", changes={"name": "<b>Now</b>"}, valid_from=day(2023), context=ADA)
    refused = editor.post(f"{LIST}PL/change/", sent_back(first, name="Mine"))
    assert refused.status_code == 200
    form = refused.context["adminform"].form
    told, change = lines_of(refused)
    assert told.startswith("Somebody changed this after you opened it, so nothing was written.")
    at = AuditEntry.objects.latest("id").instant.strftime("%Y-%m-%d %H:%M:%S")
    assert (
        change == f"{at} by ada: name: Poland → &lt;b&gt;Now&lt;/b&gt; (corrected from 2023-01-01)"
    )
    assert form["name"].value() == "Mine"
    assert names()[-1] == ("<b>Now</b>", 2023)
    again = editor.post(f"{LIST}PL/change/", sent_back(refused))
    assert again.status_code == 302
    assert names()[-1][0] == "Mine"


def test_what_was_left_alone_is_shown_as_it_is_now(editor: Client, flags: None) -> None:
    first = editor.get(f"{LIST}PL/change/")
    flag_update(code="PL", changes={"name": "Meanwhile"}, valid_from=day(2023), context=ADA)
    refused = editor.post(f"{LIST}PL/change/", sent_back(first, everything="on"))
    assert refused.context["adminform"].form["name"].value() == "Meanwhile"
    assert names()[-1] == ("Meanwhile", 2023)


def test_a_change_that_is_scheduled_or_in_the_past_counts(editor: Client, flags: None) -> None:
    for year in (2950, 2021):
        first = editor.get(f"{LIST}PL/change/")
        flag_update(code="PL", changes={"name": str(year)}, valid_from=day(year), context=ADA)
        refused = editor.post(f"{LIST}PL/change/", sent_back(first, name="Mine"))
        assert f"→ {year} (" in lines_of(refused)[1]
    assert "Mine" not in dict(names())


@pytest.mark.parametrize("basis", ["", "2020-01-01", "x y", "2020-01-01T00:00:00 2020-01-01"])
def test_a_form_says_what_it_was_made_from(editor: Client, flags: None, basis: str) -> None:
    answer = posted(editor, f"{LIST}PL/change/", name="X", made_from=basis)
    assert answer.context["adminform"].form.non_field_errors() == [
        "The form does not say what it was made from: open it again."
    ]
    assert names() == [("Polska", 2020), ("Poland", 2022)]
