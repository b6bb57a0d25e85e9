from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messages_room", "0004_message_templates"),
        ("practice", "0018_video_service"),
        ("scheduling", "0023_video"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="message_once",
        ),
        migrations.AddField(
            model_name="message",
            name="channel",
            field=models.CharField(
                choices=[("email", "E-mail"), ("sms", "SMS")], db_default="email", default="email", max_length=8
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="hours_before",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="message",
            name="starts_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="message",
            name="address",
            field=models.CharField(max_length=254),
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
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                models.F("appointment"),
                models.F("kind"),
                models.F("sequence"),
                models.F("channel"),
                models.F("hours_before"),
                name="message_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                models.F("appointment"),
                models.F("starts_at"),
                models.F("channel"),
                models.F("hours_before"),
                condition=models.Q(("kind", "reminder")),
                name="message_reminds_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ("email", "sms"))), name="message_channel"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hours_before__gt", 0), ("kind", "reminder"), ("starts_at__isnull", False)),
                    models.Q(models.Q(("kind", "reminder"), _negated=True), ("hours_before", 0), ("starts_at", None)),
                    _connector="OR",
                ),
                name="message_of_reminder",
            ),
        ),
    ]
