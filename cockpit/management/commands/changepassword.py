"""Django's changepassword, with an entry in the log."""

from typing import Any

from django.contrib.auth.management.commands import changepassword

from auth.models import User
from auth.recording import recorded
from core.contexts import shell


class Command(changepassword.Command):
    """The person at the shell is the actor."""

    def handle(self, *args: Any, **options: Any) -> Any:
        with recorded(shell(), User.objects.all()):
            return super().handle(*args, **options)
