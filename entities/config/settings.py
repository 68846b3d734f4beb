"""The entities service: the versioned register of people and institutions."""

from core.api import conf
from core.settings import *  # noqa: F403
from core.settings import CORE_APPS
from entities.config import description

SERVICE = "entities"
ROOT_URLCONF = "entities.config.urls"
WSGI_APPLICATION = "entities.config.wsgi.application"
INSTALLED_APPS = [*CORE_APPS, "entities"]

SPECTACULAR_SETTINGS = {**conf.SPECTACULAR_SETTINGS, **description.OWN}
