"""Settings of tokens; ``core.settings`` takes them in."""

from datetime import timedelta

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
