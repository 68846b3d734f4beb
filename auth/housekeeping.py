"""What is only kept for a while: see ``core.housekeeping``."""

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from auth import services
from auth.models import Token
from core.contexts import shell


def expired_tokens(*, dry_run: bool) -> int:
    """Tokens that open nothing any more; the log goes on telling of them."""
    expired = Token.objects.filter(expiry__lte=timezone.now())
    if dry_run:
        return int(expired.count())
    context = shell("expired")
    tokens = list(expired.select_related("user"))
    for token in tokens:
        services.token_delete(token=token, context=context)
    return len(tokens)


def expired_sessions(*, dry_run: bool) -> int:
    """Sessions in the cockpit that nobody has ended."""
    expired = Session.objects.filter(expire_date__lte=timezone.now())
    return expired.count() if dry_run else expired.delete()[0]


def old_login_failures(*, dry_run: bool) -> int:
    """Failures that lock nobody out any more."""
    old = AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - settings.AXES_COOLOFF_TIME)
    return int(old.count()) if dry_run else int(old.delete()[0])
