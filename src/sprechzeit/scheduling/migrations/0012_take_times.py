"""The functions with which time is taken: one round trip, planned once a connection."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "take_times.sql"


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0011_time_versions")]
    operations = [
        migrations.RunPython(lambda _apps, editor: editor.execute(SQL.read_text(), params=None)),
    ]
