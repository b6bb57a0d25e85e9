"""How long a video service wants to be left alone, and whether it writes to patients (PUSH-5, VID-5)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0018_video_service"),
    ]

    operations = [
        migrations.AddField(
            model_name="videoservice",
            name="quiet_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="videoservice",
            name="writes_itself",
            field=models.BooleanField(null=True),
        ),
    ]
