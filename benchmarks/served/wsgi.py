"""The service of the benchmark under gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.served.settings"
os.environ.setdefault("DATABASE_POOL_SIZE", "8")
application = get_wsgi_application()
