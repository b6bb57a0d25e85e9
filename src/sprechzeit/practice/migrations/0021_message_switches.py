"""Whether appointment messages go out to patients and practitioners (NOT-6)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0020_sms_gateway"),
    ]

    operations = [
        migrations.AddField(
            model_name="practice",
            name="patient_messages",
            field=models.BooleanField(db_default=True, default=True, verbose_name="Appointment messages to patients"),
        ),
        migrations.AddField(
            model_name="practice",
            name="practitioner_messages",
            field=models.BooleanField(
                db_default=True, default=True, verbose_name="Appointment messages to practitioners"
            ),
        ),
    ]
