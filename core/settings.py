"""What every service has in common. A service's settings start with ``from core.settings import *``
and add their own name, apps and URLs.
"""

from typing import Any

from auth.conf import *  # noqa: F403
from core import csp
from core import logging as logs
from core.api.conf import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401
from core.env import env

# Security: nothing here has a default that would be unsafe in production.

SECRET_KEY = env.required("SECRET_KEY", "it signs sessions and cursors")
SECRET_KEY_FALLBACKS: list[str] = env.items("SECRET_KEY_FALLBACKS", "")
DEBUG = env.switch("DEBUG")
ALLOWED_HOSTS: list[str] = env.hosts("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS: list[str] = env.origins("CSRF_TRUSTED_ORIGINS")

# A laptop on http://localhost is the one place where cookies may travel without TLS.
TLS = env.switch("TLS", default=True)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SESSION_COOKIE_AGE = 8 * 3600  # a working day, in seconds
SECURE_SSL_REDIRECT = TLS
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = TLS
BEHIND_PROXY = env.switch("BEHIND_PROXY")
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
TRUSTED_PROXIES = env.whole_number("TRUSTED_PROXIES", 1) if BEHIND_PROXY else 0
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY: dict[str, Any] = {"DIRECTIVES": csp.NOTHING}

# The database, twice: as the application, which may not rewrite history, and as the owner of
# the tables, who migrates and backfills.

DATABASE_URL = env.required("DATABASE_URL", "it is the database as the application role")
DATABASE_OWNER_URL: str = env.str("DATABASE_OWNER_URL", default="") or DATABASE_URL
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.postgres("DATABASE_URL", DATABASE_URL),
    "owner": env.postgres("DATABASE_OWNER_URL", DATABASE_OWNER_URL),
}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    env.connection(
        pool_size=env.whole_number("DATABASE_POOL_SIZE", 0),
        statement_seconds=env.whole_number("DATABASE_STATEMENT_TIMEOUT", 0),
    )
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Apps

TETHERED_APPS: list[str] = env.packages("TETHERED_APPS", "entities")
CORE_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "core.discovered.DiscoveredAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_structlog",
    "django_prometheus",
    "procrastinate.contrib.django",
    "axes",
    "csp",
    "core",
    "auth",
]
INSTALLED_APPS = CORE_APPS
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None
PROCRASTINATE_IMPORT_PATHS = ["core.ingest.queue"]
AUTH_USER_MODEL = "cockpit_auth.User"

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "core.api.request_id.RequestIdMiddleware",
    "core.api.caching.NoStoreMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "core.api.hosts.HostMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Logs: what is logged of a request, core.logging says. The client's address is in the audit log,
# where it is taken from the right place; the library would believe whatever a client claims.

LOGGING = logs.settings(env.choice("LOG_LEVEL", logs.LEVELS, "INFO"), readable=DEBUG)
logs.configure()
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logs.DEBUG

# How far back, in seconds, whoever may write but not correct may date what they write. A day, so
# that a bare date of today, which is its first instant, is never refused.

BACKDATING_GRACE = env.whole_number("BACKDATING_GRACE", 24 * 3600)

# Uploaded files: how large one may be, in bytes, and for how many days it and its rejects are kept.

UPLOAD_MAX_BYTES = env.whole_number("UPLOAD_MAX_BYTES", 1024**3)
UPLOADS_KEPT_DAYS = env.whole_number("UPLOADS_KEPT_DAYS", 30)

# Writes of one user and sign-ins of one address, counted in the database; 0 is no limit.

WRITES_PER_MINUTE = env.whole_number("WRITES_PER_MINUTE", 6000)
SIGN_INS_PER_MINUTE = env.whole_number("SIGN_INS_PER_MINUTE", 60)

# Time and language: one zone, so that a bare date means the same day to everybody.

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = ["core.formats"]

# Static files are served by the services themselves, from where the packages have them: nothing
# is fetched from outside and nothing has to be collected first.

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
