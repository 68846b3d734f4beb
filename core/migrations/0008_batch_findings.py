"""What a batch says of what its file lacks, begins and affects."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0007_app_control"),
    ]

    operations = [
        migrations.AddField(
            model_name="ingestbatch",
            name="affected",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="missing",
            field=models.BigIntegerField(
                default=0, help_text="Valid things of the source that a full file lacks."
            ),
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="new_source",
            field=models.TextField(
                default="", help_text="The source, if no thing of it was known before this file."
            ),
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="not_ended",
            field=models.BigIntegerField(
                default=0,
                help_text="Those of them whose end was held back: a rejected row may name them.",
            ),
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="report",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="reporting",
                to="core.keptfile",
            ),
        ),
    ]
