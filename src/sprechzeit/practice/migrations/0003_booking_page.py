from django.db import migrations, models

import sprechzeit.practice.origins


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0002_appointment_book"),
    ]

    operations = [
        migrations.AddField(
            model_name="practice",
            name="imprint_url",
            field=models.URLField(blank=True, max_length=300, verbose_name="Address of the imprint"),
        ),
        migrations.AddField(
            model_name="practice",
            name="privacy_url",
            field=models.URLField(blank=True, max_length=300, verbose_name="Address of the privacy notice"),
        ),
        migrations.AddField(
            model_name="practice",
            name="booking_text",
            field=models.TextField(blank=True, max_length=600, verbose_name="Text on the booking page"),
        ),
        migrations.AddField(
            model_name="practice",
            name="embed_origins",
            field=models.TextField(
                blank=True,
                max_length=1000,
                validators=[sprechzeit.practice.origins.validate_origins],
                verbose_name="Websites that may embed the booking page",
            ),
        ),
        migrations.AddConstraint(
            model_name="practice",
            constraint=models.CheckConstraint(
                condition=models.Q(("embed_origins__regex", "^(https?://[a-z0-9.-]+(:[0-9]{1,5})?(\\n|$))*$")),
                name="practice_embed_origins",
            ),
        ),
    ]
