"""When a message is tried again (NOT-5)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messages_room", "0006_waits_for_link"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="next_at",
            field=models.DateTimeField(null=True),
        ),
    ]
