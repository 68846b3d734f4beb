"""A process that prepares an environment as manage.py does, and lives until its input ends.

``python -m core.tests.local.starter HOME [USER]``: as ``USER``, if given, after everything is
imported, so that the interpreter may lie where that user cannot read.
"""

import json
import os
import pwd
import sys
from pathlib import Path

from core.local import binaries
from core.local.account import Account
from core.local.environment import prepare
from core.local.sentences import in_one_sentence


def become(name: str) -> None:
    entry = pwd.getpwnam(name)
    account = Account(name, entry.pw_uid, entry.pw_gid)
    programs = binaries.find().readable_by(account, Path(os.environ["READABLE"]))
    binaries.find = lambda: programs
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def main() -> None:
    environ = {"COCKPIT_HOME": sys.argv[1]}
    for name in sys.argv[2:]:
        become(name)
    with in_one_sentence():
        prepare(environ)
    sys.stdout.write(json.dumps(environ) + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
