from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("harbour", "0001_initial"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="cargo",
            name="harbour_cargo_timeline",
        ),
        migrations.AddIndex(
            model_name="cargo",
            index=models.Index(fields=["vessel_uuid", "valid_from"], name="harbour_cargo_timeline"),
        ),
    ]
