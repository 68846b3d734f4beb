"""For every test of the project."""

import core.tests.profiles  # noqa: F401 - makes the hypothesis profiles known

pytest_plugins = ["core.tests.plugin"]
