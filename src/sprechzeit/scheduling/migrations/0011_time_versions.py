"""What free times hang on raises versions; gathering tells when the next hold ends."""

from pathlib import Path

from django.db import migrations

from sprechzeit.scheduling.time_versions import STATEMENTS

SQL = Path(__file__).parents[1] / "calendar_times.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0010_typed_names"),
        ("core", "0003_versions"),
    ]
    operations = [
        migrations.RunSQL(STATEMENTS, migrations.RunSQL.noop),
        migrations.RunPython(lambda _apps, editor: editor.execute(SQL.read_text(), params=None)),
    ]
