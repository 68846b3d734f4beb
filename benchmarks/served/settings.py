"""The entities service with the floors beside it: the same middleware, the same process."""

from entities.config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.served.urls"
