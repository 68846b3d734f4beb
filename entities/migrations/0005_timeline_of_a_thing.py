from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("entities", "0004_one_line"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="entitydetail",
            name="entities_entitydetail_timeline",
        ),
        migrations.AddIndex(
            model_name="entitydetail",
            index=models.Index(
                fields=["entity_uuid", "valid_from"], name="entities_entitydetail_timeline"
            ),
        ),
    ]
