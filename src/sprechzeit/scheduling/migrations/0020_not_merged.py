"""No appointment comes to a record that was merged into another (PAT-4)."""

from django.db import migrations

from sprechzeit.patients.attached import refuses_merged


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0019_month_limits_again"),
        ("patients", "0009_merging"),
    ]

    operations = [
        migrations.RunSQL(
            refuses_merged("scheduling_appointment"), "DROP TRIGGER patient_id_not_merged ON scheduling_appointment"
        ),
    ]
