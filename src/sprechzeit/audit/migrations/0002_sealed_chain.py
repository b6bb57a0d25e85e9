"""Entries are sealed into a chain; each says whom it is about; indexes for the page of the log."""

import django.db.models.deletion
from django.db import migrations, models

from sprechzeit.core.rowsecurity import APP, InstallCrossing, crosses, row_security

# Of an entry's row the first entry has all values; a change has only what changed.
SUBJECTS = """
CREATE TEMP TABLE subjects ON COMMIT DROP AS
    SELECT DISTINCT ON (e.row_id) e.row_id,
           coalesce(v.new ->> 'patient_id', v.new ->> 'appointment_id')::uuid AS subject_id
      FROM audit_entry e JOIN audit_value v ON v.entry_id = e.id
     WHERE e.operation = 'insert' AND (v.new ? 'patient_id' OR v.new ? 'appointment_id')
     ORDER BY e.row_id, e.id;
UPDATE audit_entry e SET subject_id = coalesce(s.subject_id, e.row_id)
  FROM (SELECT row_id FROM audit_entry GROUP BY row_id) AS r LEFT JOIN subjects s ON s.row_id = r.row_id
 WHERE r.row_id = e.row_id
"""
RIGHTS = [
    *[
        statement
        for table in ("audit_seal", "audit_head")
        for statement in (
            *row_security(table),
            *crosses(table, "INSERT"),
            *crosses(table, "SELECT"),
            f'REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "{table}" FROM {APP}',
        )
    ],
    *crosses("audit_head", "UPDATE"),
    *crosses("audit_value", "UPDATE", ["old", "new", "salt"]),
    "DROP FUNCTION IF EXISTS log_read(uuid, text, uuid, text)",
]


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.AlterField("value", "salt", models.BinaryField(null=True)),
        migrations.AddField("entry", "subject_id", models.UUIDField(null=True)),
        migrations.RunSQL(SUBJECTS, migrations.RunSQL.noop),
        # The checks of foreign keys that the filling left for later stand in the way of changing the table.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED", migrations.RunSQL.noop),
        migrations.AlterField("entry", "subject_id", models.UUIDField()),
        migrations.RemoveIndex("entry", "audit_entry_by_practice"),
        migrations.AddIndex(
            "entry", models.Index(fields=["practice_id", "transaction", "id"], name="audit_entry_by_transaction")
        ),
        migrations.AddIndex(
            "entry", models.Index(fields=["practice_id", "subject_id", "at", "id"], name="audit_entry_by_subject")
        ),
        migrations.AddIndex(
            "entry", models.Index(fields=["practice_id", "table_name", "at", "id"], name="audit_entry_by_table")
        ),
        migrations.AddIndex(
            "entry",
            models.Index(fields=["practice_id", "actor", "table_name", "at", "id"], name="audit_entry_by_actor"),
        ),
        migrations.CreateModel(
            "Seal",
            [
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="seal",
                        serialize=False,
                        to="audit.entry",
                    ),
                ),
                ("practice_id", models.UUIDField()),
                ("place", models.BigIntegerField()),
                ("digest", models.BinaryField()),
            ],
            options={
                "constraints": [models.UniqueConstraint("practice_id", "place", name="audit_seal_place_once")],
            },
        ),
        migrations.CreateModel(
            "Head",
            [
                ("practice_id", models.UUIDField(primary_key=True, serialize=False)),
                ("place", models.BigIntegerField()),
                ("digest", models.BinaryField()),
                ("entry_id", models.BigIntegerField()),
                ("upto", models.BigIntegerField()),
                ("upto_entry", models.BigIntegerField()),
                ("sealed_at", models.DateTimeField()),
                ("signature", models.BinaryField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("problem", models.TextField()),
            ],
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        InstallCrossing(),
    ]
