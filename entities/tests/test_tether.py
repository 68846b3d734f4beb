"""Where the cockpit finds what apps say of themselves."""

from django.apps import AppConfig, apps

from core.tether import TetheredAppConfig, doors, tethered
from entities.apps import EntitiesConfig
from entities.vouching import EntityFeed


def test_the_apps_and_their_doors_are_found() -> None:
    assert [type(app) for app in tethered()] == [EntitiesConfig]
    assert doors() == {"entities.entity": EntityFeed}


def test_django_takes_the_app_s_own_config_and_not_the_one_that_it_imports() -> None:
    assert not TetheredAppConfig.default
    assert EntitiesConfig.default
    assert AppConfig.create("entities").__class__ is EntitiesConfig
    assert isinstance(apps.get_app_config("entities"), EntitiesConfig)
