from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("entities", "0001_initial")]

    operations = [
        migrations.AlterModelOptions(
            name="entity",
            options={
                "permissions": (("view_pii", "Can see personal data"),),
                "verbose_name_plural": "entities",
            },
        ),
    ]
