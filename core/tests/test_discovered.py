"""Commands start without the pages of the admin; what serves or checks them has them all."""

import json
import subprocess
import sys

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.models import Group

from core.discovered import check_discovered
from core.env import ROOT

LOOK = """
import json, sys
import django
from django.core import checks
django.setup()
found = ["entities.admin" in sys.modules, "rest_framework.views" in sys.modules]
checks.run_checks(tags=["admin"])
found.append("entities.admin" in sys.modules)
print(json.dumps(found))
"""


def test_a_command_imports_no_pages_and_no_api_until_they_are_checked() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "core.tests.settings", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == [False, False, True]


def test_a_page_that_is_no_good_is_found() -> None:
    class Broken(ModelAdmin):  # type: ignore[type-arg]
        list_display = ("nothing",)

    site = AdminSite("broken")
    site.register(Group, Broken)

    found = [message.id for message in check_discovered(None) if message.obj is Broken]

    assert found == ["admin.E108"]
