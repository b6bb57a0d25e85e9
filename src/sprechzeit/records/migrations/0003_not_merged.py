"""No session and no document comes to a record that was merged into another (PAT-4)."""

from django.db import migrations

from sprechzeit.patients.attached import refuses_merged

TABLES = ("records_session", "records_document")


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0002_documents"),
        ("patients", "0009_merging"),
    ]

    operations = [
        migrations.RunSQL(refuses_merged(table), f"DROP TRIGGER patient_id_not_merged ON {table}") for table in TABLES
    ]
