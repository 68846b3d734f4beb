import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from core.sql import LoadSQL


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_ingestbatch"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField()),
                ("size", models.BigIntegerField(null=True)),
                ("sha256", models.CharField(max_length=64, null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="KeptPiece",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField()),
                ("content", models.BinaryField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AlterModelOptions(
            name="ingestbatch",
            options={
                "default_permissions": ("view", "add", "change"),
                "ordering": ("-id",),
                "verbose_name_plural": "ingest batches",
            },
        ),
        migrations.RemoveConstraint(
            model_name="ingestbatch",
            name="core_ingestbatch_state",
        ),
        migrations.RemoveConstraint(
            model_name="ingestbatch",
            name="core_ingestbatch_finished",
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="actor_id",
            field=models.BigIntegerField(help_text="The user who uploaded the file.", null=True),
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="attempts",
            field=models.IntegerField(default=0, help_text="How often a worker has taken it."),
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="bytes_read",
            field=models.BigIntegerField(default=0, help_text="Bytes of it read so far."),
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="cancel_requested_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="client_address",
            field=models.GenericIPAddressField(null=True),
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="preview",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="applications",
                to="core.ingestbatch",
            ),
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="queued_at",
            field=models.DateTimeField(help_text="When the file was uploaded.", null=True),
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="request_id",
            field=models.TextField(null=True),
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="size",
            field=models.BigIntegerField(
                help_text="Bytes of the file; null if not known.", null=True
            ),
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="stage",
            field=models.TextField(
                blank=True, choices=[("reading", "reading"), ("applying", "applying")], default=""
            ),
        ),
        migrations.AlterField(
            model_name="ingestbatch",
            name="started_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(), null=True
            ),
        ),
        migrations.AlterField(
            model_name="ingestbatch",
            name="state",
            field=models.TextField(
                choices=[
                    ("queued", "queued"),
                    ("running", "running"),
                    ("done", "done"),
                    ("failed", "failed"),
                    ("refused", "refused"),
                    ("dry_run", "dry run"),
                    ("cancelled", "cancelled"),
                ]
            ),
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="rejects",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="rejecting",
                to="core.keptfile",
            ),
        ),
        migrations.AddField(
            model_name="ingestbatch",
            name="upload",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="batches",
                to="core.keptfile",
            ),
        ),
        migrations.AddIndex(
            model_name="ingestbatch",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "running"])),
                fields=["id"],
                name="core_ingestbatch_open",
            ),
        ),
        migrations.AddIndex(
            model_name="ingestbatch",
            index=models.Index(fields=["state", "id"], name="core_ingestbatch_by_state"),
        ),
        migrations.AddConstraint(
            model_name="ingestbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["queued", "running", "done", "failed", "refused", "dry_run", "cancelled"],
                    )
                ),
                name="core_ingestbatch_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="ingestbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", True), ("state__in", ["queued", "running"])),
                    models.Q(
                        models.Q(("state__in", ["queued", "running"]), _negated=True),
                        ("finished_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="core_ingestbatch_finished",
            ),
        ),
        migrations.AddField(
            model_name="keptpiece",
            name="file",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pieces",
                to="core.keptfile",
            ),
        ),
        migrations.AddConstraint(
            model_name="keptpiece",
            constraint=models.UniqueConstraint(
                fields=("file", "number"), name="core_keptpiece_once"
            ),
        ),
        LoadSQL("kept_pieces.sql", "35886d5248c422e1"),
    ]
