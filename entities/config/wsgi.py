"""The entities service under gunicorn."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from core.env import read_env_files

read_env_files("entities")
os.environ["DJANGO_SETTINGS_MODULE"] = "entities.config.settings"
os.environ.setdefault("DATABASE_POOL_SIZE", "8")
os.environ.setdefault("DATABASE_STATEMENT_TIMEOUT", "30")

try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.exit(f"The entities service cannot start: {error}")
