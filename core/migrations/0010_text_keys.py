"""The keys by which texts of every script are searched and ordered."""

from django.db import migrations

from core.sql import LoadSQL


class Migration(migrations.Migration):
    dependencies = [("core", "0009_feed_by_recording")]
    operations = [
        LoadSQL("search_key.sql", "9077e3cd2db16917", "DROP FUNCTION core_search_key(text)"),
        LoadSQL("sort_key.sql", "642d1f68f7de33e4", "DROP FUNCTION core_sort_key(text)"),
    ]
