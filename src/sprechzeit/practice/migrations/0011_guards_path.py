"""The guards look up tables where ours are: nobody puts a temporary one in the way of one that a guard reads."""

from django.db import migrations

GUARDS = ("owner_works_here", "keep_an_administrator", "keep_access", "keep_granted_area")


class Migration(migrations.Migration):
    dependencies = [("practice", "0010_secretaries_open_nothing")]
    operations = [
        migrations.RunSQL(
            f"ALTER FUNCTION {guard}() SET search_path = pg_catalog, public, pg_temp",
            f"ALTER FUNCTION {guard}() RESET search_path",
        )
        for guard in GUARDS
    ]
