"""Messages wait for the link to a video call, and say which one they brought (PUSH-8)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messages_room", "0005_message_channel"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="link_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="waits_for_link",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("booked", "Booking confirmation"),
                    ("moved", "New time"),
                    ("cancelled", "Cancellation"),
                    ("new_booking", "New online booking, to the practitioner"),
                    ("reminder", "Reminder"),
                    ("video_link", "Link to the video call"),
                ],
                max_length=20,
            ),
        ),
    ]
