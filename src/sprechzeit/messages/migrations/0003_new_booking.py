from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messages_room", "0002_appointment_book"),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("booked", "Booking confirmation"),
                    ("moved", "New time"),
                    ("cancelled", "Cancellation"),
                    ("new_booking", "New online booking, to the practitioner"),
                ],
                max_length=20,
            ),
        ),
    ]
