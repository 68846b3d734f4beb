"""Example models, so that core is tested without any app that uses it."""

from django.apps import AppConfig


class HarbourConfig(AppConfig):
    name = "core.tests.harbour"
    label = "harbour"
