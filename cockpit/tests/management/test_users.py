"""Users that are made or changed at a shell are in the log like all others."""

import getpass

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from core.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_a_superuser_made_at_a_shell_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse 1")
    call_command("createsuperuser", interactive=False, username="root", email="", verbosity=0)
    user = get_user_model().objects.get()
    entry = AuditEntry.objects.get(model="cockpit_auth.user")
    assert user.check_password("correct horse 1")
    assert entry.actor.startswith("ada@")
    assert (entry.model, entry.natural_key) == ("cockpit_auth.user", {"id": user.pk})
    assert (entry.action, entry.channel, entry.before) == ("opened", "system", None)
    assert "password" not in str(entry.after)


def test_a_password_changed_at_a_shell_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    get_user_model().objects.create_user("grace", password="old water 11")
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "fresh water 22")
    call_command("changepassword", "grace")
    assert get_user_model().objects.get().check_password("fresh water 22")
    entry = AuditEntry.objects.get(model="cockpit_auth.user")
    assert entry.after == {"password": "(not shown, changed)"}
