import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models

import core.models.scd2.constraints
import core.models.scd2.hash_diff


class Migration(migrations.Migration):
    initial = True

    dependencies = [("core", "0002_auditentry")]

    operations = [
        migrations.CreateModel(
            name="DetailType",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "valid_from",
                    models.DateTimeField(help_text="First instant at which this holds."),
                ),
                (
                    "valid_to",
                    models.DateTimeField(
                        help_text="First instant at which it no longer does.", null=True
                    ),
                ),
                (
                    "system_from",
                    models.DateTimeField(help_text="Instant from which this was believed."),
                ),
                (
                    "system_to",
                    models.DateTimeField(
                        help_text="Instant from which it no longer was.", null=True
                    ),
                ),
                (
                    "closed_at",
                    models.DateTimeField(
                        help_text="Instant at which valid_to was filled in.", null=True
                    ),
                ),
                (
                    "is_current",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.ExpressionWrapper(
                            models.Q(("system_to__isnull", True), ("valid_to__isnull", True)),
                            output_field=models.BooleanField(),
                        ),
                        help_text="Live and open-ended.",
                        output_field=models.BooleanField(),
                    ),
                ),
                (
                    "hash_diff",
                    core.models.scd2.hash_diff.HashDiffField(
                        expression=core.models.scd2.hash_diff.HashDiff(
                            "name", "description", "data_type", "pattern", "is_pii"
                        ),
                        help_text="SHA-256 of the payload in canonical form.",
                    ),
                ),
                (
                    "actor_id",
                    models.BigIntegerField(
                        help_text="The user who opened this row, if any.", null=True
                    ),
                ),
                (
                    "actor",
                    models.TextField(help_text="The name of who opened this row, as it was then."),
                ),
                ("reason", models.TextField(db_default="", help_text="Why, in their words.")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        max_length=50,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z][A-Z0-9_]*\\Z",
                                "A code is made of A to Z, 0 to 9 and _, a letter first.",
                            )
                        ],
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        max_length=500,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^\\u0001-\\u001f\\u007f-\\u009f]+\\Z",
                                "Control characters are not allowed.",
                            )
                        ],
                    ),
                ),
                ("description", models.TextField()),
                (
                    "data_type",
                    models.CharField(
                        choices=[
                            ("text", "text"),
                            ("integer", "integer"),
                            ("decimal", "decimal"),
                            ("boolean", "boolean"),
                            ("date", "date"),
                            ("datetime", "datetime"),
                            ("json", "JSON"),
                        ],
                        max_length=20,
                    ),
                ),
                ("pattern", models.TextField(null=True)),
                ("is_pii", models.BooleanField(verbose_name="personal data")),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["code", "valid_from"], name="entities_detailtype_timeline")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="entities_detailtype_valid_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("system_to__isnull", True),
                            ("system_to__gt", models.F("system_from")),
                            _connector="OR",
                        ),
                        name="entities_detailtype_system_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            core.models.scd2.constraints.IsFinite("valid_from"),
                            core.models.scd2.constraints.IsFinite("valid_to"),
                            core.models.scd2.constraints.IsFinite("system_from"),
                            core.models.scd2.constraints.IsFinite("system_to"),
                            core.models.scd2.constraints.IsFinite("closed_at"),
                        ),
                        name="entities_detailtype_finite",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at__isnull", True),
                            ("valid_to__isnull", False),
                            _connector="OR",
                        ),
                        name="entities_detailtype_closed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("actor", ""), _negated=True),
                        name="entities_detailtype_actor_named",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("code",),
                        name="entities_detailtype_one_current",
                    ),
                    core.models.scd2.constraints.LivePeriodsDoNotOverlap(
                        key=("code",), name="entities_detailtype_no_overlap"
                    ),
                    core.models.scd2.constraints.HistoryGuard(
                        name="entities_detailtype_history",
                        references={"code": ("entities_detailtypeanchor", "code")},
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name__regex", "^[^\\u0001-\\u001f\\u007f-\\u009f]+$")),
                        name="entities_detailtype_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "data_type__in",
                                [
                                    "text",
                                    "integer",
                                    "decimal",
                                    "boolean",
                                    "date",
                                    "datetime",
                                    "json",
                                ],
                            )
                        ),
                        name="entities_detailtype_data_type",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DetailTypeAnchor",
            fields=[
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        max_length=50,
                        primary_key=True,
                        serialize=False,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z][A-Z0-9_]*\\Z",
                                "A code is made of A to Z, 0 to 9 and _, a letter first.",
                            )
                        ],
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    core.models.scd2.constraints.AppendOnlyGuard(
                        name="entities_detailtypeanchor_for_ever"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[A-Z][A-Z0-9_]*$")),
                        name="entities_detailtypeanchor_code",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "valid_from",
                    models.DateTimeField(help_text="First instant at which this holds."),
                ),
                (
                    "valid_to",
                    models.DateTimeField(
                        help_text="First instant at which it no longer does.", null=True
                    ),
                ),
                (
                    "system_from",
                    models.DateTimeField(help_text="Instant from which this was believed."),
                ),
                (
                    "system_to",
                    models.DateTimeField(
                        help_text="Instant from which it no longer was.", null=True
                    ),
                ),
                (
                    "closed_at",
                    models.DateTimeField(
                        help_text="Instant at which valid_to was filled in.", null=True
                    ),
                ),
                (
                    "is_current",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.ExpressionWrapper(
                            models.Q(("system_to__isnull", True), ("valid_to__isnull", True)),
                            output_field=models.BooleanField(),
                        ),
                        help_text="Live and open-ended.",
                        output_field=models.BooleanField(),
                    ),
                ),
                (
                    "hash_diff",
                    core.models.scd2.hash_diff.HashDiffField(
                        expression=core.models.scd2.hash_diff.HashDiff(
                            "entity_type", "display_name"
                        ),
                        help_text="SHA-256 of the payload in canonical form.",
                    ),
                ),
                (
                    "actor_id",
                    models.BigIntegerField(
                        help_text="The user who opened this row, if any.", null=True
                    ),
                ),
                (
                    "actor",
                    models.TextField(help_text="The name of who opened this row, as it was then."),
                ),
                ("reason", models.TextField(db_default="", help_text="Why, in their words.")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("uuid", models.UUIDField()),
                (
                    "entity_type",
                    models.CharField(
                        max_length=50,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z][A-Z0-9_]*\\Z",
                                "A code is made of A to Z, 0 to 9 and _, a letter first.",
                            )
                        ],
                    ),
                ),
                (
                    "display_name",
                    models.CharField(
                        max_length=500,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^\\u0001-\\u001f\\u007f-\\u009f]+\\Z",
                                "Control characters are not allowed.",
                            )
                        ],
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "entities",
                "abstract": False,
                "indexes": [
                    models.Index(fields=["uuid", "valid_from"], name="entities_entity_timeline"),
                    models.Index(
                        fields=["display_name", "uuid"],
                        include=(
                            "id",
                            "valid_from",
                            "valid_to",
                            "system_from",
                            "system_to",
                            "closed_at",
                        ),
                        name="entities_entity_by_name",
                    ),
                    models.Index(
                        fields=["entity_type", "display_name", "uuid"],
                        include=(
                            "id",
                            "valid_from",
                            "valid_to",
                            "system_from",
                            "system_to",
                            "closed_at",
                        ),
                        name="entities_entity_by_type",
                    ),
                    models.Index(
                        fields=["valid_from", "uuid"],
                        include=("id", "valid_to", "system_from", "system_to", "closed_at"),
                        name="entities_entity_by_start",
                    ),
                    models.Index(
                        condition=models.Q(("valid_to__isnull", False)),
                        fields=["valid_to"],
                        name="entities_entity_by_end",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("system_to__isnull", True)),
                        fields=["display_name"],
                        name="entities_entity_search",
                        opclasses=("gin_trgm_ops",),
                    ),
                    models.Index(
                        condition=models.Q(("system_to__isnull", False)),
                        fields=["system_to"],
                        name="entities_entity_superseded",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="entities_entity_valid_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("system_to__isnull", True),
                            ("system_to__gt", models.F("system_from")),
                            _connector="OR",
                        ),
                        name="entities_entity_system_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            core.models.scd2.constraints.IsFinite("valid_from"),
                            core.models.scd2.constraints.IsFinite("valid_to"),
                            core.models.scd2.constraints.IsFinite("system_from"),
                            core.models.scd2.constraints.IsFinite("system_to"),
                            core.models.scd2.constraints.IsFinite("closed_at"),
                        ),
                        name="entities_entity_finite",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at__isnull", True),
                            ("valid_to__isnull", False),
                            _connector="OR",
                        ),
                        name="entities_entity_closed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("actor", ""), _negated=True),
                        name="entities_entity_actor_named",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("uuid",),
                        name="entities_entity_one_current",
                    ),
                    core.models.scd2.constraints.LivePeriodsDoNotOverlap(
                        key=("uuid",), name="entities_entity_no_overlap"
                    ),
                    core.models.scd2.constraints.HistoryGuard(
                        name="entities_entity_history",
                        references={
                            "entity_type": ("entities_entitytypeanchor", "code"),
                            "uuid": ("entities_entityanchor", "uuid"),
                        },
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("display_name__regex", "^[^\\u0001-\\u001f\\u007f-\\u009f]+$")
                        ),
                        name="entities_entity_display_name",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EntityAnchor",
            fields=[
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("uuid", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "source",
                    models.CharField(
                        max_length=200,
                        null=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^\\u0001-\\u001f\\u007f-\\u009f]+\\Z",
                                "Control characters are not allowed.",
                            )
                        ],
                    ),
                ),
                (
                    "source_id",
                    models.CharField(
                        max_length=200,
                        null=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^\\u0001-\\u001f\\u007f-\\u009f]+\\Z",
                                "Control characters are not allowed.",
                            )
                        ],
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    core.models.scd2.constraints.AppendOnlyGuard(
                        name="entities_entityanchor_for_ever"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("source__isnull", True), ("source_id__isnull", True)),
                            models.Q(
                                ("source__isnull", False),
                                ("source__regex", "^[^\\u0001-\\u001f\\u007f-\\u009f]+$"),
                                ("source_id__isnull", False),
                                ("source_id__regex", "^[^\\u0001-\\u001f\\u007f-\\u009f]+$"),
                            ),
                            _connector="OR",
                        ),
                        name="entities_entityanchor_source",
                    ),
                    models.UniqueConstraint(
                        fields=("source", "source_id"), name="entities_entityanchor_source_id"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EntityDetail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "valid_from",
                    models.DateTimeField(help_text="First instant at which this holds."),
                ),
                (
                    "valid_to",
                    models.DateTimeField(
                        help_text="First instant at which it no longer does.", null=True
                    ),
                ),
                (
                    "system_from",
                    models.DateTimeField(help_text="Instant from which this was believed."),
                ),
                (
                    "system_to",
                    models.DateTimeField(
                        help_text="Instant from which it no longer was.", null=True
                    ),
                ),
                (
                    "closed_at",
                    models.DateTimeField(
                        help_text="Instant at which valid_to was filled in.", null=True
                    ),
                ),
                (
                    "is_current",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.ExpressionWrapper(
                            models.Q(("system_to__isnull", True), ("valid_to__isnull", True)),
                            output_field=models.BooleanField(),
                        ),
                        help_text="Live and open-ended.",
                        output_field=models.BooleanField(),
                    ),
                ),
                (
                    "hash_diff",
                    core.models.scd2.hash_diff.HashDiffField(
                        expression=core.models.scd2.hash_diff.HashDiff("value"),
                        help_text="SHA-256 of the payload in canonical form.",
                    ),
                ),
                (
                    "actor_id",
                    models.BigIntegerField(
                        help_text="The user who opened this row, if any.", null=True
                    ),
                ),
                (
                    "actor",
                    models.TextField(help_text="The name of who opened this row, as it was then."),
                ),
                ("reason", models.TextField(db_default="", help_text="Why, in their words.")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("entity_uuid", models.UUIDField()),
                (
                    "detail_code",
                    models.CharField(
                        max_length=50,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z][A-Z0-9_]*\\Z",
                                "A code is made of A to Z, 0 to 9 and _, a letter first.",
                            )
                        ],
                    ),
                ),
                ("value", models.TextField()),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        fields=["entity_uuid", "detail_code", "valid_from"],
                        name="entities_entitydetail_timeline",
                    ),
                    models.Index(
                        condition=models.Q(("system_to__isnull", True)),
                        fields=["detail_code", "hash_diff", "entity_uuid"],
                        include=("valid_from", "valid_to"),
                        name="entities_entitydetail_by_value",
                    ),
                    models.Index(fields=["valid_from"], name="entities_entitydetail_by_start"),
                    models.Index(
                        condition=models.Q(("valid_to__isnull", False)),
                        fields=["valid_to"],
                        name="entities_entitydetail_by_end",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="entities_entitydetail_valid_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("system_to__isnull", True),
                            ("system_to__gt", models.F("system_from")),
                            _connector="OR",
                        ),
                        name="entities_entitydetail_system_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            core.models.scd2.constraints.IsFinite("valid_from"),
                            core.models.scd2.constraints.IsFinite("valid_to"),
                            core.models.scd2.constraints.IsFinite("system_from"),
                            core.models.scd2.constraints.IsFinite("system_to"),
                            core.models.scd2.constraints.IsFinite("closed_at"),
                        ),
                        name="entities_entitydetail_finite",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at__isnull", True),
                            ("valid_to__isnull", False),
                            _connector="OR",
                        ),
                        name="entities_entitydetail_closed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("actor", ""), _negated=True),
                        name="entities_entitydetail_actor_named",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("entity_uuid", "detail_code"),
                        name="entities_entitydetail_one_current",
                    ),
                    core.models.scd2.constraints.LivePeriodsDoNotOverlap(
                        key=("entity_uuid", "detail_code"), name="entities_entitydetail_no_overlap"
                    ),
                    core.models.scd2.constraints.HistoryGuard(
                        name="entities_entitydetail_history",
                        references={
                            "detail_code": ("entities_detailtypeanchor", "code"),
                            "entity_uuid": ("entities_entityanchor", "uuid"),
                        },
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length("value"), 10000
                        ),
                        name="entities_entitydetail_value",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EntityType",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "valid_from",
                    models.DateTimeField(help_text="First instant at which this holds."),
                ),
                (
                    "valid_to",
                    models.DateTimeField(
                        help_text="First instant at which it no longer does.", null=True
                    ),
                ),
                (
                    "system_from",
                    models.DateTimeField(help_text="Instant from which this was believed."),
                ),
                (
                    "system_to",
                    models.DateTimeField(
                        help_text="Instant from which it no longer was.", null=True
                    ),
                ),
                (
                    "closed_at",
                    models.DateTimeField(
                        help_text="Instant at which valid_to was filled in.", null=True
                    ),
                ),
                (
                    "is_current",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.ExpressionWrapper(
                            models.Q(("system_to__isnull", True), ("valid_to__isnull", True)),
                            output_field=models.BooleanField(),
                        ),
                        help_text="Live and open-ended.",
                        output_field=models.BooleanField(),
                    ),
                ),
                (
                    "hash_diff",
                    core.models.scd2.hash_diff.HashDiffField(
                        expression=core.models.scd2.hash_diff.HashDiff(
                            "name", "description", "is_pii_name"
                        ),
                        help_text="SHA-256 of the payload in canonical form.",
                    ),
                ),
                (
                    "actor_id",
                    models.BigIntegerField(
                        help_text="The user who opened this row, if any.", null=True
                    ),
                ),
                (
                    "actor",
                    models.TextField(help_text="The name of who opened this row, as it was then."),
                ),
                ("reason", models.TextField(db_default="", help_text="Why, in their words.")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        max_length=50,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z][A-Z0-9_]*\\Z",
                                "A code is made of A to Z, 0 to 9 and _, a letter first.",
                            )
                        ],
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        max_length=500,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^\\u0001-\\u001f\\u007f-\\u009f]+\\Z",
                                "Control characters are not allowed.",
                            )
                        ],
                    ),
                ),
                ("description", models.TextField()),
                ("is_pii_name", models.BooleanField(verbose_name="name is personal data")),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["code", "valid_from"], name="entities_entitytype_timeline")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="entities_entitytype_valid_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("system_to__isnull", True),
                            ("system_to__gt", models.F("system_from")),
                            _connector="OR",
                        ),
                        name="entities_entitytype_system_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            core.models.scd2.constraints.IsFinite("valid_from"),
                            core.models.scd2.constraints.IsFinite("valid_to"),
                            core.models.scd2.constraints.IsFinite("system_from"),
                            core.models.scd2.constraints.IsFinite("system_to"),
                            core.models.scd2.constraints.IsFinite("closed_at"),
                        ),
                        name="entities_entitytype_finite",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at__isnull", True),
                            ("valid_to__isnull", False),
                            _connector="OR",
                        ),
                        name="entities_entitytype_closed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("actor", ""), _negated=True),
                        name="entities_entitytype_actor_named",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("code",),
                        name="entities_entitytype_one_current",
                    ),
                    core.models.scd2.constraints.LivePeriodsDoNotOverlap(
                        key=("code",), name="entities_entitytype_no_overlap"
                    ),
                    core.models.scd2.constraints.HistoryGuard(
                        name="entities_entitytype_history",
                        references={"code": ("entities_entitytypeanchor", "code")},
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name__regex", "^[^\\u0001-\\u001f\\u007f-\\u009f]+$")),
                        name="entities_entitytype_name",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EntityTypeAnchor",
            fields=[
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        max_length=50,
                        primary_key=True,
                        serialize=False,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z][A-Z0-9_]*\\Z",
                                "A code is made of A to Z, 0 to 9 and _, a letter first.",
                            )
                        ],
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    core.models.scd2.constraints.AppendOnlyGuard(
                        name="entities_entitytypeanchor_for_ever"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[A-Z][A-Z0-9_]*$")),
                        name="entities_entitytypeanchor_code",
                    ),
                ],
            },
        ),
    ]
