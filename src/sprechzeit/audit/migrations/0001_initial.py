"""The log's tables. The application reads them; only the functions of `crossing` write (AUD-3)."""

import django.db.models.deletion
from django.db import migrations, models

from sprechzeit.core.rowsecurity import APP, crosses, row_security

TABLES = ("audit_entry", "audit_value")
RIGHTS = [
    statement
    for table in TABLES
    for statement in (
        *row_security(table),
        *crosses(table, "INSERT"),
        *crosses(table, "SELECT"),
        f'REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "{table}" FROM {APP}',
    )
] + ["GRANT USAGE ON SEQUENCE audit_entry_id_seq TO sprechzeit_crossing"]


class Migration(migrations.Migration):
    initial = True
    dependencies = [("core", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("practice_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("transaction", models.BigIntegerField()),
                ("actor", models.TextField()),
                ("request", models.TextField()),
                ("table_name", models.TextField()),
                ("row_id", models.UUIDField()),
                ("operation", models.TextField()),
                ("reason", models.TextField()),
                ("digest", models.BinaryField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["practice_id", "row_id", "id"], name="audit_entry_by_row"),
                    models.Index(fields=["practice_id", "id"], name="audit_entry_by_practice"),
                ]
            },
        ),
        migrations.CreateModel(
            name="Value",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="value",
                        serialize=False,
                        to="audit.entry",
                    ),
                ),
                ("practice_id", models.UUIDField()),
                ("salt", models.BinaryField()),
                ("old", models.JSONField(null=True)),
                ("new", models.JSONField(null=True)),
            ],
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
