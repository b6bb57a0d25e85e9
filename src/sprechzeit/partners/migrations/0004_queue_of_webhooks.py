"""Webhooks have a queue of their own: a portal that does not answer keeps nothing else waiting."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "events.sql"


class Migration(migrations.Migration):
    dependencies = [("partners", "0003_events")]

    operations = [migrations.RunPython(lambda _apps, editor: editor.execute(SQL.read_text(), params=None))]
