"""The cockpit service: the app manager and the admin of every tethered app."""

from django.templatetags.static import static

from cockpit.config import description
from core import csp
from core.api import conf
from core.settings import *  # noqa: F403
from core.settings import CORE_APPS, MIDDLEWARE, TETHERED_APPS

SERVICE = "cockpit"
ROOT_URLCONF = "cockpit.config.urls"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
WSGI_APPLICATION = "cockpit.config.wsgi.application"
AXES_LOCKOUT_CALLABLE = "cockpit.errors.locked_out"
CSRF_FAILURE_VIEW = "cockpit.errors.csrf_failure"
INSTALLED_APPS = ["cockpit", *CORE_APPS, *TETHERED_APPS]

MIDDLEWARE = [
    *MIDDLEWARE[:-1],
    "cockpit.throttling.PageThrottle",
    "cockpit.modes.AppModes",
    MIDDLEWARE[-1],
]

CONTENT_SECURITY_POLICY = {"DIRECTIVES": csp.UNFOLD}

SPECTACULAR_SETTINGS = {**conf.SPECTACULAR_SETTINGS, **description.OWN}

# The look of the admin. Fonts, icons and scripts come with Unfold and are served from here.
UNFOLD = {
    "SITE_TITLE": "Cockpit",
    "SITE_HEADER": "Cockpit",
    "SITE_SUBHEADER": "CRM Core",
    "SITE_SYMBOL": "explore",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _: static("cockpit/favicon.svg"),
        }
    ],
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {
        "primary": {
            "50": "oklch(97.7% .013 236.62)",
            "100": "oklch(95.1% .026 236.824)",
            "200": "oklch(90.1% .058 230.902)",
            "300": "oklch(82.8% .111 230.318)",
            "400": "oklch(74.6% .16 232.661)",
            "500": "oklch(68.5% .169 237.323)",
            "600": "oklch(50% .134 242.749)",
            "700": "oklch(44.3% .11 240.79)",
            "800": "oklch(39.1% .09 240.876)",
            "900": "oklch(29.3% .066 243.157)",
            "950": "oklch(25% .055 243.157)",
        }
    },
    "SIDEBAR": {"navigation": "cockpit.navigation.sections"},
}
