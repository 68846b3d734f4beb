"""Makes a token, prints it and nothing else."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import transaction

from auth import services
from auth.conf import LONGEST_DAYS, TOKEN_LIFETIME
from auth.roles import Role
from auth.selectors import user_named
from core.contexts import shell
from core.models.scd2.exceptions import Scd2Error

LONGEST_NAME = 100


class Command(BaseCommand):
    """``create_token USERNAME --role ROLE [--create] [--name NAME] [--days N]``.

    With ``--create`` a user who does not exist is made: a service user, who holds the role and
    has no password, so can call the API and cannot log in. One who exists gets the role besides
    their own.
    """

    help = (
        "Make a token for a user and print it, and nothing else. A user who exists gets the role "
        "besides those they have; one who does not is made with --create, without a password."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", required=True, choices=[role.value for role in Role])
        parser.add_argument("--create", action="store_true", help="Make a user who does not exist.")
        parser.add_argument("--name", default="", type=name, help="What the token is used for.")
        parser.add_argument("--days", type=days, default=TOKEN_LIFETIME.days, metavar="N")

    def handle(self, *args: Any, **options: Any) -> str:
        try:
            return self.made(**options)
        except Scd2Error as error:
            raise CommandError(error.message) from error

    @transaction.atomic
    def made(self, username: str, role: str, name: str, days: int, **options: Any) -> str:
        if not options["create"] and user_named(username) is None:
            raise CommandError(
                f"There is no user {username!r}: check the spelling, or make one with --create."
            )
        context = shell()
        user = services.service_user_ensure(username=username, role=Role(role), context=context)
        lifetime = timedelta(days=days)
        return services.token_create(user=user, name=name, lifetime=lifetime, context=context)[1]


def name(text: str) -> str:
    if len(text) > LONGEST_NAME:
        raise ArgumentTypeError(f"a name has at most {LONGEST_NAME} characters")
    return text


def days(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= LONGEST_DAYS:
        raise ArgumentTypeError(
            f"a whole number from 1 to {LONGEST_DAYS} is expected, not {text!r}"
        )
    return int(text)
