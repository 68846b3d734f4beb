"""What names and identifiers are to the database."""

from django.db import migrations

from core.sql import LoadSQL

REVERSE = """
DROP FUNCTION core_normal_digest(text, bytea);
DROP FUNCTION core_is_identifier(text);
DROP FUNCTION core_is_name(text);
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0011_full_loads")]
    operations = [LoadSQL("names.sql", "51146a277eec4723", REVERSE)]
