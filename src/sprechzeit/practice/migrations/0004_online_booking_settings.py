import django.db.models.deletion
from django.db import migrations, models

import sprechzeit.core.ids
from sprechzeit.core.rowsecurity import Protect


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0003_booking_page"),
    ]

    operations = [
        migrations.CreateModel(
            name="Logo",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("image", models.BinaryField()),
                ("digest", models.CharField(max_length=32)),
                ("width", models.PositiveSmallIntegerField()),
                ("height", models.PositiveSmallIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "practice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="logo", to="practice.practice"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="practice",
            name="booking_code_required",
            field=models.BooleanField(default=False, verbose_name="Code by e-mail first"),
        ),
        migrations.AddField(
            model_name="practice",
            name="booking_name",
            field=models.CharField(blank=True, max_length=120, verbose_name="Name as patients read it"),
        ),
        migrations.AddField(
            model_name="practice",
            name="booking_open",
            field=models.BooleanField(default=True, verbose_name="Patients can book online"),
        ),
        migrations.AddField(
            model_name="practice",
            name="booking_phone",
            field=models.CharField(blank=True, max_length=40, verbose_name="Phone for patients"),
        ),
        migrations.AddConstraint(
            model_name="practice",
            constraint=models.CheckConstraint(
                condition=models.Q(("imprint_url", ""), ("imprint_url__startswith", "https://"), _connector="OR"),
                name="practice_imprint_https",
            ),
        ),
        migrations.AddConstraint(
            model_name="practice",
            constraint=models.CheckConstraint(
                condition=models.Q(("privacy_url", ""), ("privacy_url__startswith", "https://"), _connector="OR"),
                name="practice_privacy_https",
            ),
        ),
        migrations.AddConstraint(
            model_name="logo",
            constraint=models.CheckConstraint(
                condition=models.Q(("height__range", (1, 320)), ("width__range", (1, 640))), name="logo_size"
            ),
        ),
        Protect("Logo"),
    ]
