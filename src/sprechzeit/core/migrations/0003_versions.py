"""Versions of what a process may remember; times taken in spaces tell when the next hold among them ends."""

from django.db import migrations, models

from sprechzeit.core.rowsecurity import InstallCrossing
from sprechzeit.core.versions import RAISE, STATE


class Migration(migrations.Migration):
    dependencies = [("core", "0002_taken_in_spaces")]
    operations = [
        migrations.CreateModel(
            name="Version",
            fields=[
                ("subject", models.UUIDField(primary_key=True, serialize=False)),
                ("version", models.UUIDField()),
            ],
        ),
        migrations.RunSQL([RAISE, STATE], migrations.RunSQL.noop),
        # Raised with every booking: room on its page for the next one, so that no index has to follow.
        migrations.RunSQL("ALTER TABLE core_version SET (fillfactor = 50)", migrations.RunSQL.noop),
        InstallCrossing(),
    ]
