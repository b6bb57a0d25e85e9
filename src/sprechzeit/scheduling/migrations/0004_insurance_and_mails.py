import django.contrib.postgres.fields
from django.db import migrations, models

import sprechzeit.scheduling.models.types


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0004_online_booking_settings"),
        ("scheduling", "0003_next_free"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointmenttype",
            name="confirms_to_patient",
            field=models.BooleanField(default=True, verbose_name="Confirmation to the patient"),
        ),
        migrations.AddField(
            model_name="appointmenttype",
            name="insurances",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[("statutory", "Statutory"), ("private", "Private"), ("self_payer", "Self-payer")],
                    max_length=10,
                ),
                default=sprechzeit.scheduling.models.types.all_insurances,
                size=None,
                verbose_name="Insurance",
            ),
        ),
        migrations.AddField(
            model_name="appointmenttype",
            name="tells_practitioner",
            field=models.BooleanField(default=False, verbose_name="Message to the practitioner"),
        ),
        migrations.AddConstraint(
            model_name="appointmenttype",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("insurances__contained_by", ["statutory", "private", "self_payer"]), ("insurances__len__gt", 0)
                ),
                name="appointment_type_insurances",
            ),
        ),
    ]
