from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messages_room", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="sequence",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("booked", "Booking confirmation"),
                    ("moved", "New time"),
                    ("cancelled", "Cancellation"),
                ],
                max_length=20,
            ),
        ),
        migrations.RemoveConstraint(
            model_name="message",
            name="message_once",
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                models.F("appointment"), models.F("kind"), models.F("sequence"), name="message_once"
            ),
        ),
    ]
