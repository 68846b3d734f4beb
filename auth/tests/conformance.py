"""Schemathesis as a client of a running service that knows nothing but its description."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from auth.services import token_create
from core.local.home import ROOT
from core.models.scd2.change import Channel, Context

ROLES = ("viewer", "editor", "steward", "auditor", "admin")
# A request may fit the description and still be refused: a code that nobody has made.
EXCLUDED = "positive_data_acceptance"


def token_of(role: str) -> str:
    """The token of a new user with that role."""
    user = get_user_model().objects.create(username=f"conforming {role}")
    user.groups.add(Group.objects.get(name=role))
    context = Context(actor="tester", channel=Channel.SYSTEM)
    return token_create(user=user, context=context)[1]


def examine(address: str, token: str, *options: str) -> tuple[int, str]:
    """How schemathesis ended, and what it found; with links followed from call to call."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file=auth/tests/conformance.toml",
        "run",
        f"{address}/schema",
        f"--header=Authorization: Token {token}",
        "--checks=all",
        f"--exclude-checks={EXCLUDED}",
        "--continue-on-failure",
        "--warnings=off",
        "--seed=1",
        "--no-color",
        # Some bodies have as many items as may be, and the machine has other work to do.
        "--request-timeout=60",
        *options,
    ]
    environment: dict[str, Any] = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "auth.tests.conformance_hooks",
    }
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def calls_of(report: str) -> int:
    """How many calls it made."""
    found = re.search(r"([\d,]+) generated", report)
    return int(found[1].replace(",", "")) if found else 0
