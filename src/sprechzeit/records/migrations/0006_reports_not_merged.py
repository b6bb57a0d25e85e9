"""No report comes to a record that was merged into another (PAT-4)."""

from django.db import migrations

from sprechzeit.patients.attached import refuses_merged


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0005_session_withdrawal"),
        ("patients", "0009_merging"),
    ]

    operations = [
        migrations.RunSQL(refuses_merged("records_report"), "DROP TRIGGER patient_id_not_merged ON records_report"),
    ]
