"""The five roles, as groups; their permissions follow the table of auth.roles."""

from django.db import migrations

ROLES = ("viewer", "editor", "steward", "auditor", "admin")


def make_groups(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    for name in ROLES:
        groups.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("cockpit_auth", "0001_initial")]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
