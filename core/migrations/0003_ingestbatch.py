import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_auditentry"),
    ]

    operations = [
        migrations.CreateModel(
            name="IngestBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "model",
                    models.TextField(help_text="The label of the model, as in entities.entity."),
                ),
                ("file", models.TextField(help_text="The file's name, or - for standard input.")),
                ("sha256", models.CharField(max_length=64, null=True)),
                ("options", models.JSONField()),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("refused", "refused"),
                            ("dry_run", "dry run"),
                        ]
                    ),
                ),
                ("read", models.BigIntegerField(default=0, help_text="Rows read so far.")),
                ("rejected", models.BigIntegerField(default=0, help_text="Rows rejected so far.")),
                ("counts", models.JSONField(default=dict)),
                (
                    "system_instant",
                    models.DateTimeField(
                        help_text="The system instant of what was written; null if nothing was.",
                        null=True,
                    ),
                ),
                ("actor", models.TextField()),
                (
                    "started_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "error",
                    models.TextField(
                        default="", help_text="Why it ended without success: one sentence."
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "ingest batches",
                "ordering": ("-id",),
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["running", "done", "failed", "refused", "dry_run"])
                        ),
                        name="core_ingestbatch_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", True), ("state", "running")),
                            models.Q(
                                models.Q(("state", "running"), _negated=True),
                                ("finished_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="core_ingestbatch_finished",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("actor", ""), _negated=True),
                        name="core_ingestbatch_actor_named",
                    ),
                ],
            },
        ),
    ]
