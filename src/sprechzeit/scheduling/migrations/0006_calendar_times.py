"""The function with which free times are gathered: planned once a connection, not once a question."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "calendar_times.sql"


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0005_told_reason"), ("core", "0002_taken_in_spaces")]
    operations = [
        migrations.RunPython(lambda _apps, editor: editor.execute(SQL.read_text(), params=None)),
    ]
