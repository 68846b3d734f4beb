"""What of tokens and sessions goes, and what stays."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from auth import services
from auth.housekeeping import expired_sessions, expired_tokens
from auth.models import Token, User
from core.models import AuditEntry
from core.models.scd2.change import Context


def test_expired_tokens_go_and_the_log_tells_of_it(ada: User, context: Context) -> None:
    live, _ = services.token_create(user=ada, name="live", context=context)
    gone, _ = services.token_create(user=ada, name="gone", context=context)
    Token.objects.filter(id=gone.id).update(expiry=timezone.now() - timedelta(seconds=1))
    assert expired_tokens(dry_run=True) == 1
    assert Token.objects.count() == 2
    assert expired_tokens(dry_run=False) == 1
    assert Token.objects.get() == live
    entry = AuditEntry.objects.latest("instant")
    assert (entry.action, entry.uuid, entry.reason) == ("ended", gone.id, "expired")
    assert expired_tokens(dry_run=False) == 0


def test_expired_sessions_go(db: None) -> None:
    now = timezone.now()
    for key, seconds in (("old", -1), ("new", 60)):
        Session.objects.create(session_key=key, expire_date=now + timedelta(seconds=seconds))
    assert expired_sessions(dry_run=True) == 1
    assert expired_sessions(dry_run=False) == 1
    assert Session.objects.get().session_key == "new"
