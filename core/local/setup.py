"""What ``make up`` does inside the database before the services start.

Runs in a process of its own, so that the supervisor stays small. What people read goes to
standard error; standard output carries one JSON object: the operator's credentials if they were
not shown yet, else an empty one.
"""

from __future__ import annotations

import io
import json
import os
import secrets
import sys
from contextlib import redirect_stdout

from core.local.home import Home

OPERATOR = "admin"
SAMPLE_DATA = "load_sample_data"


def run() -> None:
    """Migrate, load the sample data, make the first operator."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "cockpit.config.settings"
    with redirect_stdout(sys.stderr):
        credentials = _set_up()
    json.dump(credentials, sys.stdout)


def _set_up() -> dict[str, str]:
    import django
    from django.core.management import call_command, get_commands

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    # An app brings it, and core runs with any apps.
    if SAMPLE_DATA in get_commands():
        call_command(SAMPLE_DATA)
    return _first_operator()


def _first_operator() -> dict[str, str]:
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    home = Home.of(os.environ)
    if get_user_model().objects.filter(is_superuser=True).exists():
        return home.unshown_login()
    password = os.environ["DJANGO_SUPERUSER_PASSWORD"] = secrets.token_urlsafe(12)
    login = {"username": OPERATOR, "password": password}
    home.keep_login(login)
    call_command("createsuperuser", interactive=False, username=OPERATOR, email="", verbosity=0)
    token = io.StringIO()
    call_command("create_token", OPERATOR, role="admin", stdout=token)
    login["token"] = token.getvalue().strip()
    home.keep_login(login)
    return login
