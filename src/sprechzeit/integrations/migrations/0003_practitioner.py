"""Who holds an appointment there is told anew when that changes (PUSH-3)."""

from django.db import migrations, models

TOLD = """
UPDATE integrations_push push SET practitioner = calendar.video_reference FROM scheduling_calendar calendar
 WHERE calendar.practice_id = push.practice_id AND calendar.id = push.calendar_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0002_refusals"),
        ("scheduling", "0024_location"),
    ]

    operations = [
        migrations.AddField(
            model_name="push",
            name="practitioner",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.RunSQL(TOLD, migrations.RunSQL.noop),
    ]
