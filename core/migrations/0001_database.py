"""Extensions, the rights of the application role, and the functions that tables rely on.

Everything made before this migration is granted here, everything made after it by default
privileges; a table that must not be rewritten takes rights away again when it is created.
"""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

from core.db import GrantApplicationRole
from core.sql import LoadSQL


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        GrantApplicationRole(),
        BtreeGistExtension(),
        TrigramExtension(),
        LoadSQL("netstring.sql", "6c292751e89ed604"),
        LoadSQL("refuse.sql", "731c1d05b8765bf2"),
    ]
