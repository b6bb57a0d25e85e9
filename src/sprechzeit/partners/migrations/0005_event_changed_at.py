"""An event tells since when its appointment stands so with the same moment as the appointment itself."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parents[1] / "events.sql"


class Migration(migrations.Migration):
    dependencies = [("partners", "0004_queue_of_webhooks")]

    operations = [
        migrations.AddField("event", "changed_at", models.DateTimeField(null=True)),
        # What partners were told of these.
        migrations.RunSQL("UPDATE partners_event SET changed_at = at", migrations.RunSQL.noop),
        migrations.AlterField("event", "changed_at", models.DateTimeField()),
        migrations.RunPython(lambda _apps, editor: editor.execute(SQL.read_text(), params=None)),
    ]
