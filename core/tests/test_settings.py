"""A service that is set up wrongly says so in one sentence and does not start."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from core import csp
from core.env import ROOT

GOOD = {
    "SECRET_KEY": "only-for-tests-0123456789-0123456789-0123456789-0123456789",
    "DATABASE_URL": "postgres://ada:p@localhost/crm",
    "DATABASE_OWNER_URL": "",
    "TLS": "",
    "DEBUG": "",
    "BEHIND_PROXY": "",
    "TRUSTED_PROXIES": "",
    "SECRET_KEY_FALLBACKS": "",
    "LOG_LEVEL": "",
    "TETHERED_APPS": "entities",
    "DATABASE_POOL_SIZE": "",
    "CSRF_TRUSTED_ORIGINS": "",
    "ALLOWED_HOSTS": "localhost",
}
SHOW = (
    "import json; import {service}.config.settings as s; "
    "print(json.dumps({{n: getattr(s, n) for n in {names}}}, default=str))"
)


def python(code: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter: settings are read once a process."""
    environ = {**os.environ, **GOOD, "PYTHONPATH": str(ROOT), **changes}
    environ.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False
    )


def settings(*names: str, service: str = "cockpit", **changes: str) -> dict[str, Any]:
    done = python(SHOW.format(service=service, names=list(names)), **changes)
    assert done.returncode == 0, done.stderr
    shown: dict[str, Any] = json.loads(done.stdout)
    return shown


@pytest.mark.parametrize("service", ["cockpit", "entities"])
def test_a_missing_secret_key_stops_the_start_with_a_sentence(service: str) -> None:
    done = python(f"import {service}.config.wsgi", SECRET_KEY="")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"The {service} service cannot start: SECRET_KEY is not set: it signs sessions and "
        "cursors. Set it in the environment or in .env (see .env.sample).\n"
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "", "DATABASE_URL is not set"),
        ("DATABASE_URL", "sqlite:///crm.db", "DATABASE_URL must be a PostgreSQL address"),
        ("DATABASE_OWNER_URL", "nonsense", "DATABASE_OWNER_URL must be a PostgreSQL address"),
        ("DATABASE_POOL_SIZE", "many", "DATABASE_POOL_SIZE must be a whole number, not 'many'."),
        ("DEBUG", "perhaps", "DEBUG must be true or false, not 'perhaps'."),
        ("TLS", "perhaps", "TLS must be true or false, not 'perhaps'."),
        (
            "ALLOWED_HOSTS",
            "crm.example.org,*",
            (
                "ALLOWED_HOSTS must name the hosts one by one: '*' would let a request choose the "
                "addresses that answers point to."
            ),
        ),
        ("BEHIND_PROXY", "perhaps", "BEHIND_PROXY must be true or false, not 'perhaps'."),
        ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        ("TETHERED_APPS", "nowhere", "TETHERED_APPS names 'nowhere', which is no installed app."),
        ("CSRF_TRUSTED_ORIGINS", "a.example", "CSRF_TRUSTED_ORIGINS must name sites like"),
    ],
)
def test_a_malformed_value_stops_the_start_with_a_sentence(
    name: str, value: str, said: str
) -> None:
    done = python("import cockpit.config.wsgi", **{name: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"The cockpit service cannot start: {said}")
    assert done.stderr.count("\n") == 1


def test_what_nobody_has_set_is_safe() -> None:
    names = ["DEBUG", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT"]
    shown = settings(*names, "SECURE_HSTS_SECONDS", "ALLOWED_HOSTS", ALLOWED_HOSTS=" , ")
    assert [shown[name] for name in names] == [False, True, True, True]
    assert shown["SECURE_HSTS_SECONDS"] == 31_536_000
    assert shown["ALLOWED_HOSTS"] == []


def test_without_tls_cookies_travel_in_the_open() -> None:
    shown = settings("SESSION_COOKIE_SECURE", "SECURE_HSTS_SECONDS", TLS="false")
    assert shown == {"SESSION_COOKIE_SECURE": False, "SECURE_HSTS_SECONDS": 0}


def test_forwarded_headers_are_believed_behind_a_proxy_alone() -> None:
    told = settings("SECURE_PROXY_SSL_HEADER", BEHIND_PROXY="true")
    assert told == {"SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"]}
    asked = python(
        "import cockpit.config.settings as s; print('SECURE_PROXY_SSL_HEADER' in dir(s))"
    )
    assert asked.stdout == "False\n"


def test_the_cockpit_installs_what_is_tethered_and_entities_only_itself() -> None:
    with_harbour = {"TETHERED_APPS": "entities,core.tests.harbour"}
    cockpit = settings("INSTALLED_APPS", **with_harbour)["INSTALLED_APPS"]
    entities = settings("INSTALLED_APPS", service="entities", **with_harbour)["INSTALLED_APPS"]
    assert cockpit[-2:] == ["entities", "core.tests.harbour"]
    assert entities[-1] == "entities"
    assert not {"cockpit", "core.tests.harbour"} & set(entities)


def test_the_deployment_check_has_nothing_to_say() -> None:
    check = "from django.core.management import execute_from_command_line as run; "
    check += "run(['manage.py', 'check', '--deploy', '--fail-level', 'WARNING'])"
    done = python(f"import os; os.environ['DJANGO_SETTINGS_MODULE'] = '{MODULE}'; {check}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "System check identified no issues (0 silenced).\n"


MODULE = "cockpit.config.settings"


def test_proxies_are_trusted_only_behind_one() -> None:
    assert settings("TRUSTED_PROXIES", TRUSTED_PROXIES="2") == {"TRUSTED_PROXIES": 0}
    assert settings("TRUSTED_PROXIES", BEHIND_PROXY="true") == {"TRUSTED_PROXIES": 1}
    told = settings("TRUSTED_PROXIES", BEHIND_PROXY="true", TRUSTED_PROXIES="2")
    assert told == {"TRUSTED_PROXIES": 2}


@pytest.mark.parametrize("service", ["cockpit", "entities"])
def test_what_goes_over_the_wire_is_guarded(service: str) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")
    assert set(settings(*names, service=service).values()) == {True}
    assert settings("SECURE_HSTS_SECONDS", service=service) == {"SECURE_HSTS_SECONDS": 31_536_000}


def test_a_key_may_be_replaced_while_the_old_one_stays_good() -> None:
    told = settings("SECRET_KEY_FALLBACKS", SECRET_KEY_FALLBACKS="old, older")
    assert told == {"SECRET_KEY_FALLBACKS": ["old", "older"]}


def test_the_entities_service_sends_nothing_that_a_browser_may_run() -> None:
    told = settings("CONTENT_SECURITY_POLICY", service="entities")
    assert told == {"CONTENT_SECURITY_POLICY": {"DIRECTIVES": csp.NOTHING}}
    told = settings("CONTENT_SECURITY_POLICY", service="cockpit")
    assert told == {"CONTENT_SECURITY_POLICY": {"DIRECTIVES": csp.UNFOLD}}
