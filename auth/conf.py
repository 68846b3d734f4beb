"""Settings of tokens and of signing in; ``core.settings`` takes them in."""

from datetime import timedelta
from typing import Any

from core.env import env

TOKEN_LIFETIME = timedelta(days=30)
"""How long a token is good for where nobody says otherwise."""

LONGEST_DAYS = 3650
"""A token for ever is a password that nobody changes."""

KNOX_TOKEN_MODEL = "cockpit_auth.Token"  # noqa: S105 (the name of a model)
REST_KNOX = {
    "TOKEN_TTL": TOKEN_LIFETIME,
    # A fixed beginning lets scanners find a token that was left in a file.
    "TOKEN_PREFIX": "ccrm_",
}
# Knox's own table is replaced by ours, so it must never be created.
MIGRATION_MODULES = {"knox": None}

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]

# Lockouts: so many failures for one name from one address (ten times as many for all names) end
# with so many seconds in which no password is looked at.
AXES_FAILURE_LIMIT = env.whole_number("LOGIN_FAILURES", 5)
AXES_COOLOFF_TIME = timedelta(seconds=env.whole_number("LOCKOUT_SECONDS", 900))
AXES_LOCKOUT_PARAMETERS: list[Any] = [["username", "ip_address"], "ip_address"]
AXES_HANDLER = "auth.lockout.Lockout"
AXES_LOCKOUT_CALLABLE = "auth.lockout.answer"
AXES_CLIENT_IP_CALLABLE = "core.contexts.client_address"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# Our own log has the lockouts; what was typed is kept nowhere but the name that was tried.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken"]
