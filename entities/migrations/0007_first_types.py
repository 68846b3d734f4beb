from pathlib import Path

from django.db import migrations

FIRST_TYPES = Path(__file__).parents[1] / "sql" / "first_types.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0009_feed_by_recording"),
        ("entities", "0006_search_and_order"),
    ]

    operations = [
        migrations.RunSQL(FIRST_TYPES.read_text(encoding="utf-8"), migrations.RunSQL.noop)
    ]
