"""How often each caller has called, counted for all workers together."""

from django.db import migrations

from core.sql import LoadSQL


class Migration(migrations.Migration):
    dependencies = [("core", "0005_first_answers")]
    operations = [
        LoadSQL("throttle_table.sql", "bb6609b8163353eb", reverse="DROP TABLE core_throttle"),
    ]
