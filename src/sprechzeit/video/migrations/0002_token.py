"""By its token a booking system is known before anybody acts (PUSH-1)."""

from django.db import migrations

from sprechzeit.core.rowsecurity import InstallCrossing, crosses

COLUMNS = ["id", "practice_id", "token_hash", "last_used_at", "revoked_at"]


class Migration(migrations.Migration):
    dependencies = [("video", "0001_visits")]

    operations = [
        migrations.RunSQL(crosses("practice_videotoken", "SELECT", COLUMNS), migrations.RunSQL.noop),
        InstallCrossing(),
    ]
