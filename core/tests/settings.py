"""Settings of the tests: everything installed, and the example models besides."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests-0123456789-0123456789-0123456789-0123456789")
os.environ.setdefault("TLS", "false")
# A name to read the settings with; the fixtures point at the database of the run before any use.
os.environ["DATABASE_URL"] = "postgres://nobody:nothing@localhost/nowhere"
os.environ["DATABASE_OWNER_URL"] = ""

from cockpit.config.settings import *  # noqa: F403
from cockpit.config.settings import INSTALLED_APPS as SERVICE_APPS

INSTALLED_APPS = [*SERVICE_APPS, "core.tests.harbour"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Assets are looked up when they are asked for: every client would list all of them first.
WHITENOISE_AUTOREFRESH = True
