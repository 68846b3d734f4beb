"""Versioned things in the admin, with vessels' flags: nothing here knows of any app."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Permission
from django.test import Client
from django.urls import include, path
from unfold.sites import UnfoldAdminSite

from core.admin.audit import AuditEntryAdmin
from core.admin.timeline import instant_text, text_of
from core.admin.versioned import VersionedAdmin, sentence
from core.models import AuditEntry
from core.models.scd2 import Change, Channel, Context, Future, Outcome, Result
from core.models.scd2.engine import apply_changes
from core.models.scd2.exceptions import InvalidChange
from core.tests.harbour.models import Flag
from core.transactions import atomic_write

pytestmark = pytest.mark.django_db

ADA = Context(actor="ada", channel=Channel.SYSTEM, reason="<b>by hand</b>")
LIST = "/harbour/flag/"


class Written:
    def __init__(self, code: str, result: Result) -> None:
        self.code, self.outcome = code, result.total


@atomic_write
def flag_create(*, code: str, name: str, context: Context, **period: Any) -> Written:
    if name == "Unlucky":
        raise InvalidChange("That brings bad luck.", field="name")
    return apply(Change({"code": code}, {"name": name}, **period), context)


@atomic_write
def flag_update(
    *,
    code: str,
    changes: Mapping[str, Any],
    context: Context,
    if_match: Callable[[Any], None] = lambda _now: None,
    **period: Any,
) -> Written:
    said = [Change({"code": code}, changes, partial=True, **period)] if changes else []
    return Written(code, apply_changes([(Flag, said)], context, check=if_match))


def apply(change: Change, context: Context) -> Written:
    return Written(change.key["code"], apply_changes([(Flag, [change])], context))


class FlagAdmin(VersionedAdmin):
    create: ClassVar = staticmethod(flag_create)
    update: ClassVar = staticmethod(flag_update)
    list_display = ("code", "name")
    search_fields = ("name",)
    ordering = ("code",)


site = UnfoldAdminSite(name="harbour_admin")
site.final_catch_all_view = False
site.register(Flag, FlagAdmin)
site.register(AuditEntry, AuditEntryAdmin)
urlpatterns = [
    path("", include((site.get_urls(), "admin"), namespace="harbour_admin")),
    path("admin/", include((site.get_urls(), "admin"), namespace="admin")),
]


@pytest.fixture(autouse=True)
def harbour(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    settings.UNFOLD = {}


def signed_in(name: str, *rights: str) -> Client:
    user = get_user_model().objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client(REMOTE_ADDR="192.0.2.7")
    client.force_login(user)
    return client


@pytest.fixture
def editor() -> Client:
    return signed_in("edith", "view_flag", "add_flag", "change_flag", "delete_flag")


@pytest.fixture
def viewer() -> Client:
    return signed_in("vera", "view_flag")


def day(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


@pytest.fixture
def flags() -> None:
    """PL, renamed in 2022; one that is past, one that is scheduled."""
    flag_create(code="PL", name="Polska", valid_from=day(2020), context=ADA)
    flag_update(code="PL", changes={"name": "Poland"}, valid_from=day(2022), context=ADA)
    flag_create(code="SU", name="Soviet", valid_from=day(1922), valid_to=day(1991), context=ADA)
    flag_create(code="XX", name="Future", valid_from=day(2900), context=ADA)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def posted(client: Client, address: str, **fields: Any) -> Any:
    """Send the form as the page shows it, but for some fields."""
    form = client.get(address).context["adminform"].form
    shown: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if value not in (None, False):
            shown[bound.html_name] = value
        if bound.field.show_hidden_initial:
            shown[bound.html_initial_name] = "" if value is None else value
    return client.post(address, {**shown, **fields})


def names(code: str = "PL") -> list[tuple[str, int]]:
    rows = Flag.objects.timeline(code=code)
    return [(row.name, row.valid_from.year) for row in rows]


# Looking


def test_the_list_has_one_row_for_each_thing_that_holds_now(editor: Client, flags: None) -> None:
    answer = editor.get(LIST)
    assert [row.name for row in answer.context["cl"].result_list] == ["Poland"]
    assert f'href="{LIST}PL/change/"' in answer.content.decode()


@pytest.mark.parametrize(("term", "found"), [("ola", 1), ("pol", 1), ("Polska", 0)])
def test_a_search_looks_at_what_holds_now(
    editor: Client, flags: None, term: str, found: int
) -> None:
    assert len(editor.get(LIST, {"q": term}).context["cl"].result_list) == found


def test_the_page_of_a_thing_shows_its_timeline_newest_first(viewer: Client, flags: None) -> None:
    answer = viewer.get(f"{LIST}PL/change/")
    (timeline,) = answer.context["timelines"]
    assert timeline.title == "flags"
    assert timeline.headers == (
        "",
        "Valid from",
        "Valid to",
        "Name",
        "Believed from",
        "By",
        "Reason",
    )
    assert [[row[i] for i in (1, 2, 3, 5, 6)] for row in timeline.rows] == [
        ["2022-01-01", "open", "Poland", "ada", "<b>by hand</b>"],
        ["2020-01-01", "2022-01-01", "Polska", "ada", "<b>by hand</b>"],
    ]
    assert ["holds" in timeline.rows[0][0], "past" in timeline.rows[1][0]] == [True, True]
    assert "&lt;b&gt;by hand&lt;/b&gt;" in answer.content.decode()
    assert "<b>by hand</b>" not in answer.content.decode()


def test_what_is_no_longer_believed_is_shown_if_asked(viewer: Client, flags: None) -> None:
    flag_update(code="PL", changes={"name": "Lech"}, valid_from=day(2021), context=ADA)
    flag_update(code="PL", changes={"name": "Rus"}, valid_from=day(2021), context=ADA)
    (now,) = viewer.get(f"{LIST}PL/change/").context["timelines"]
    assert [row[3] for row in now.rows] == ["Poland", "Rus", "Polska"]
    answer = viewer.get(f"{LIST}PL/change/?superseded=1")
    (everything,) = answer.context["timelines"]
    assert "Believed to" in everything.headers
    assert [(row[3], "superseded" in row[0]) for row in everything.rows] == [
        ("Poland", False),
        ("Rus", False),
        ("Lech", True),
        ("Polska", False),
        ("Polska", True),
    ]


@pytest.mark.parametrize(("code", "state"), [("SU", "past"), ("XX", "scheduled")])
def test_what_does_not_hold_now_has_a_page_all_the_same(
    viewer: Client, flags: None, code: str, state: str
) -> None:
    (timeline,) = viewer.get(f"{LIST}{code}/change/").context["timelines"]
    assert state in timeline.rows[0][0]


def test_what_was_never_there_leads_back_to_the_list(viewer: Client, flags: None) -> None:
    answer = viewer.get(f"{LIST}NO/change/", follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert "There is no flag NO." in answer.content.decode()


def test_whoever_may_only_look_cannot_write(viewer: Client, flags: None) -> None:
    answer = viewer.get(f"{LIST}PL/change/")
    form = answer.context["adminform"].form
    assert list(form.fields) == ["name"]
    assert form.fields["name"].disabled
    assert 'name="_save"' not in answer.content.decode()
    assert viewer.post(f"{LIST}PL/change/", {"name": "Hacked"}).status_code == 403
    assert viewer.get(f"{LIST}add/").status_code == 403
    assert viewer.post(f"{LIST}add/", {"code": "A", "name": "A"}).status_code == 403
    assert names() == [("Polska", 2020), ("Poland", 2022)]


def test_without_any_right_there_is_nothing_to_see(flags: None) -> None:
    nobody = signed_in("nell")
    assert nobody.get(LIST).status_code == 403
    assert nobody.get(f"{LIST}PL/change/").status_code == 403
    assert Client().get(f"{LIST}PL/change/").status_code == 302


def test_nothing_is_deleted(editor: Client, flags: None) -> None:
    assert editor.get(f"{LIST}PL/delete/").status_code == 403
    assert editor.post(f"{LIST}PL/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in page(editor, LIST)
    assert not FlagAdmin(Flag, site).has_delete_permission(AnonymousUser())  # type: ignore[arg-type]


def test_the_audit_log_of_a_thing_is_one_step_away(viewer: Client, flags: None) -> None:
    log = "/core/auditentry/?q=PL"
    assert log not in page(viewer, f"{LIST}PL/change/")
    auditor = signed_in("otto", "view_flag", "view_auditentry")
    assert log in page(auditor, f"{LIST}PL/change/")
    assert auditor.get(f"{LIST}PL/history/")["Location"] == log


# Writing


def test_a_change_goes_through_the_service_in_the_name_of_who_is_signed_in(
    editor: Client, flags: None
) -> None:
    answer = posted(
        editor,
        f"{LIST}PL/change/",
        name="Rzeczpospolita",
        valid_from="2024-05-01",
        reason="constitution",
        _continue="1",
    )
    assert answer["Location"] == f"{LIST}PL/change/"
    assert names()[-1] == ("Rzeczpospolita", 2024)
    user = get_user_model().objects.get(username="edith")
    row = Flag.objects.timeline(code="PL").last()
    assert (row.actor, row.actor_id, row.reason) == ("edith", user.pk, "constitution")
    entry = AuditEntry.objects.latest("id")
    assert (entry.actor, entry.channel, entry.client_address) == ("edith", "admin", "192.0.2.7")
    assert "opened 1, closed 1" in page(editor, answer["Location"])


def test_without_a_start_it_holds_from_now(editor: Client, flags: None) -> None:
    assert posted(editor, f"{LIST}PL/change/", name="Now")["Location"] == LIST
    row = Flag.objects.timeline(code="PL").last()
    assert (row.name, row.valid_from) == ("Now", row.system_from)


def test_nothing_new_is_said_so(editor: Client, flags: None) -> None:
    posted(editor, f"{LIST}PL/change/")
    assert names() == [("Polska", 2020), ("Poland", 2022)]
    assert "nothing was written" in page(editor, LIST)


def test_all_that_is_shown_can_be_said_of_another_period(editor: Client, flags: None) -> None:
    posted(editor, f"{LIST}PL/change/", valid_from="2021-01-01", everything="on")
    assert names() == [("Polska", 2020), ("Poland", 2021)]


def test_a_bounded_change_ends(editor: Client, flags: None) -> None:
    posted(editor, f"{LIST}PL/change/", name="X", valid_from="2023-01-01", valid_to="2024-01-01")
    assert names()[1:] == [("Poland", 2022), ("X", 2023), ("Poland", 2024)]


def test_a_conflict_is_an_error_of_the_form(editor: Client, flags: None) -> None:
    answer = posted(
        editor,
        f"{LIST}PL/change/",
        name="X",
        valid_from="2021-01-01",
        future=Future.REJECT.value,
    )
    assert answer.status_code == 200
    (error,) = answer.context["adminform"].form.non_field_errors()
    assert "There is a later change" in error
    assert error.split(",")[0] in answer.content.decode()
    assert names() == [("Polska", 2020), ("Poland", 2022)]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("valid_from", "yesterday", "Expected a date"),
        ("valid_from", "2024-01-01T00:00:00", "needs its time zone"),
        ("valid_to", "2024-02-30", "There is no such day"),
        ("future", "never", "Select a valid choice"),
        ("name", "", "required"),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_field(
    editor: Client, flags: None, field: str, value: str, sentence: str
) -> None:
    answer = posted(editor, f"{LIST}PL/change/", **{"name": "X", field: value})
    assert answer.status_code == 200
    assert sentence in answer.context["adminform"].form.errors[field][0]
    assert names() == [("Polska", 2020), ("Poland", 2022)]


def test_a_period_that_contradicts_itself_is_said_beside_its_field(
    editor: Client, flags: None
) -> None:
    period = {"valid_from": "2024-01-01", "valid_to": "2023-01-01"}
    answer = posted(editor, f"{LIST}PL/change/", name="X", **period)
    assert answer.context["adminform"].form.errors == {
        "valid_to": ["valid_to must be later than valid_from."]
    }


def test_a_new_thing_is_created_by_the_service(editor: Client) -> None:
    form = editor.get(f"{LIST}add/").context["adminform"].form
    assert list(form.fields) == ["valid_from", "valid_to", "reason", "code", "name"]
    answer = posted(
        editor, f"{LIST}add/", code="DE", name="Germany", valid_from="1990-10-03", _continue="1"
    )
    assert answer["Location"] == f"{LIST}DE/change/"
    assert names("DE") == [("Germany", 1990)]
    assert Flag.objects.get(code="DE").actor == "edith"
    more = posted(editor, f"{LIST}add/", code="FR", name="France", _addanother="1")
    assert more["Location"] == f"{LIST}add/"


def test_what_the_service_refuses_about_a_field_stands_beside_it(editor: Client) -> None:
    answer = posted(editor, f"{LIST}add/", code="UN", name="Unlucky")
    assert answer.context["adminform"].form.errors == {"name": ["That brings bad luck."]}
    assert not Flag.objects.exists()


# Words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        ("", "–"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        ({"ä": [1]}, '{"ä":[1]}'),
        ([], "[]"),
        ("text", "text"),
    ],
)
def test_values_are_readable(value: Any, text: str) -> None:
    assert text_of(value) == text


def test_instants_are_days_where_they_can_be() -> None:
    assert instant_text(day(2024)) == "2024-01-01"
    assert instant_text(day(2024).replace(hour=9, microsecond=5)) == "2024-01-01 09:00:00.000005"
    assert instant_text(None, "open") == "open"


def test_what_was_done_is_said_in_counts() -> None:
    assert sentence(Outcome(opened=2, superseded=1)) == "Versions opened 2, superseded 1."
    assert sentence(Outcome(opened=1, overtaken=1)) == (
        "Versions opened 1. It does not hold now, because a later change stands."
    )
    assert sentence(Outcome(unchanged=1, overtaken=1)) == (
        "It is so already: nothing was written. It does not hold now, because a later change "
        "stands."
    )
    assert sentence(Outcome(unchanged=3)) == "It is so already: nothing was written."
