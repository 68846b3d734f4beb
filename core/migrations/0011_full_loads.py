"""The full loads of a source: what they speak for, and since when."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0010_text_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="ingestbatch",
            name="speaks_for",
            field=models.JSONField(
                help_text="Columns and values that name the source of a full load.", null=True
            ),
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="speaks_from",
            field=models.DateTimeField(
                help_text="The instant from which a full load says what holds.", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="ingestbatch",
            index=models.Index(
                condition=models.Q(("speaks_from__isnull", False)),
                fields=["model", "speaks_from"],
                name="core_ingestbatch_full",
            ),
        ),
        migrations.AddIndex(
            model_name="ingestbatch",
            index=models.Index(
                condition=models.Q(("options__has_key", "reverts")),
                fields=["id"],
                name="core_ingestbatch_reverts",
            ),
        ),
    ]
