"""manage.py create_token USERNAME --role ROLE."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from auth.models import Token, User
from core.models import AuditEntry

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("create_token", *arguments, stdout=out)
    return out.getvalue()


def test_it_prints_a_token_and_nothing_else() -> None:
    printed = run("feed", "--role", "editor", "--create")
    assert printed == printed.strip() + "\n"
    assert " " not in printed
    header = f"Token {printed.strip()}"
    assert APIClient().get("/api/v1/auth/tokens", HTTP_AUTHORIZATION=header).status_code == 200


def test_the_user_is_made_with_the_role_and_the_shell_is_the_actor() -> None:
    run("feed", "--create", "--role", "auditor", "--name", "nightly", "--days", "7")
    user = User.objects.get()
    token = Token.objects.get()
    assert (user.username, user.has_usable_password()) == ("feed", False)
    assert [group.name for group in user.groups.all()] == ["auditor"]
    assert token.name == "nightly"
    assert (token.expiry - token.created).days in (6, 7)
    entries = AuditEntry.objects.filter(model__startswith="cockpit_auth.").order_by("instant")
    assert [entry.model for entry in entries] == ["cockpit_auth.user", "cockpit_auth.token"]
    assert {entry.channel for entry in entries} == {"system"}
    assert all("@" in entry.actor for entry in entries)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["feed"], "the following arguments are required: --role"),
        (["feed", "--role", "king"], "invalid choice: 'king'"),
        (["feed", "--role", "editor", "--days", "0"], "from 1 to 3650 is expected, not '0'"),
        (["feed", "--role", "editor", "--days", "9999"], "from 1 to 3650 is expected"),
        (["feed", "--role", "editor", "--days", "²"], "from 1 to 3650 is expected"),
        (["feed", "--role", "editor", "--name", "x" * 101], "at most 100 characters"),
        (["a b", "--role", "editor", "--create"], "Enter a valid username."),
        (["fead", "--role", "editor"], "There is no user 'fead': check the spelling"),
    ],
)
def test_bad_arguments_end_in_a_sentence(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence.replace("(", r"\(")):
        run(*arguments)
    assert not User.objects.exists()


def test_a_deactivated_user_gets_nothing_not_even_the_role() -> None:
    user = User.objects.create_user("ada", is_active=False)
    with pytest.raises(CommandError, match=r"ada is deactivated and gets no token\."):
        run("ada", "--role", "admin")
    assert not user.groups.exists()
