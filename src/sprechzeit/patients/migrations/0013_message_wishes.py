"""How patients want to be written to, and whether reminded (NOT-1)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0012_handed_change"),
    ]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="channel",
            field=models.CharField(
                blank=True,
                choices=[("email", "E-mail"), ("sms", "SMS")],
                db_default="",
                default="",
                max_length=8,
                verbose_name="Messages by",
            ),
        ),
        migrations.AddField(
            model_name="patient",
            name="reminders",
            field=models.CharField(
                blank=True,
                choices=[("none", "wants none")],
                db_default="",
                default="",
                max_length=8,
                verbose_name="Reminders",
            ),
        ),
    ]
