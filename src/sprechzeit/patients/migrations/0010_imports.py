"""Files of patients from other programs, and which record was made of which line (PAT-5)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect

# As `Protect` makes them for the columns of a new table.
WITHIN = """
    ALTER TABLE patients_patient ADD CONSTRAINT patients_patient_imported_by_id_within
    FOREIGN KEY (practice_id, imported_by_id) REFERENCES patients_patientimport (practice_id, id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0009_merging"),
        ("practice", "0011_guards_path"),
    ]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="import_line",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.CreateModel(
            name="PatientImport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="File")),
                ("is_cards", models.BooleanField(default=False)),
                ("head", sprechzeit.practice.models.base.PracticeSealedText(null=True)),
                ("line_count", models.PositiveIntegerField()),
                ("choices", models.JSONField(default=dict)),
                ("brought_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("mapped_at", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True, verbose_name="Entered")),
                ("cancelled_at", models.DateTimeField(null=True, verbose_name="Cancelled")),
                ("taking_back_at", models.DateTimeField(null=True)),
                ("taken_back_at", models.DateTimeField(null=True, verbose_name="Taken back")),
                ("entered", models.PositiveIntegerField(default=0, verbose_name="Records entered")),
                ("left_out", models.PositiveIntegerField(default=0, verbose_name="Lines left out")),
                ("removed", models.PositiveIntegerField(default=0, verbose_name="Records taken back")),
                (
                    "brought_by",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.member",
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.practice",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportPart",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("lines", sprechzeit.practice.models.base.PracticeSealedText(null=True)),
                ("understood", sprechzeit.practice.models.base.PracticeSealedText(null=True)),
                ("line_count", models.PositiveIntegerField()),
                ("bad", models.PositiveIntegerField(default=0)),
                ("alike", models.PositiveIntegerField(default=0)),
                ("entered", models.PositiveIntegerField(default=0)),
                ("checked_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "practice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.practice",
                    ),
                ),
                (
                    "source",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="patients.patientimport",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="patient",
            name="imported_by",
            field=sprechzeit.practice.models.base.PracticeForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="records",
                to="patients.patientimport",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.UniqueConstraint(
                models.F("imported_by"),
                models.F("import_line"),
                condition=models.Q(("imported_by__isnull", False)),
                name="import_line_once",
            ),
        ),
        migrations.AddIndex(
            model_name="patientimport",
            index=models.Index(models.F("practice"), models.F("brought_at"), name="patient_import_newest"),
        ),
        migrations.AddConstraint(
            model_name="patientimport",
            constraint=models.CheckConstraint(
                condition=models.Q(("started_at", None), ("checked_at__isnull", False), _connector="OR"),
                name="patient_import_checked_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="importpart",
            constraint=models.UniqueConstraint(models.F("source"), models.F("number"), name="import_part_once"),
        ),
        Protect("PatientImport", "ImportPart"),
        migrations.RunSQL(
            WITHIN, "ALTER TABLE patients_patient DROP CONSTRAINT patients_patient_imported_by_id_within"
        ),
    ]
