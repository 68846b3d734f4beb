#!/usr/bin/env python
"""Django's commands, by default with the cockpit's settings: every app is installed there."""

import argparse
import os
import sys

from core.env import read_env_files
from core.local.environment import prepare
from core.local.sentences import in_one_sentence

DEFAULT_SETTINGS = "cockpit.config.settings"


def main() -> None:
    """Complete the environment, then run the command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", DEFAULT_SETTINGS)
    with in_one_sentence():
        read_env_files(_service())
        prepare(os.environ)
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


def _service() -> str:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--settings", default=os.environ["DJANGO_SETTINGS_MODULE"])
    settings: str = parser.parse_known_args()[0].settings
    return settings.partition(".")[0]


if __name__ == "__main__":
    main()
