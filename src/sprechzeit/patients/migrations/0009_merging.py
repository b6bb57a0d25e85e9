"""Merging two records, and the list of those that may be one (PAT-4, PAT-14)."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect
from sprechzeit.patients.attached import refuses_merged

KEPT = (Path(__file__).parents[1] / "merges.sql").read_text()
WITHIN = """
ALTER TABLE patients_patient ADD CONSTRAINT patients_patient_merged_into_id_within
    FOREIGN KEY (practice_id, merged_into_id) REFERENCES patients_patient (practice_id, id)
"""
ALONE = """
CREATE TRIGGER merge_alone BEFORE UPDATE OF merged_into_id ON patients_patient
FOR EACH ROW WHEN (NEW.merged_into_id IS DISTINCT FROM OLD.merged_into_id) EXECUTE FUNCTION merge_alone()
"""
# What of a record is written here; rooms above do the same for their tables.
ATTACHED = ("contactpoint", "contactproposal", "relatedperson", "patienttag", "share")
GUARDS = [refuses_merged(f"patients_{one}") for one in ATTACHED]
GUARDS += [refuses_merged("patients_relatedperson", "person_id")]
FILL = """
INSERT INTO patients_tocompare (id, practice_id, patient_id)
SELECT p.id, p.practice_id, p.id FROM patients_patient p WHERE p.archived_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0008_search"),
        ("practice", "0011_guards_path"),
    ]

    operations = [
        migrations.CreateModel(
            name="Merge",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("before", sprechzeit.practice.models.base.PracticeSealedText(null=True)),
                ("merged_by", models.CharField(max_length=60)),
                ("merged_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("undone_by", models.CharField(blank=True, db_default="", default="", max_length=60)),
                ("undone_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="PossibleDuplicate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "same",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None),
                ),
                (
                    "different",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None),
                ),
                ("weight", models.SmallIntegerField()),
                ("found_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("dismissed_by", models.CharField(blank=True, db_default="", default="", max_length=60)),
                ("dismissed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ToCompare",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="patient",
            name="merged_into",
            field=sprechzeit.practice.models.base.PracticeForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="patients.patient",
            ),
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(
                models.F("practice"),
                models.F("merged_into"),
                condition=models.Q(("merged_into__isnull", False)),
                name="patient_merged",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into", None),
                    models.Q(("archived_at__isnull", False), models.Q(("merged_into", models.F("id")), _negated=True)),
                    _connector="OR",
                ),
                name="patient_merged_is_archived",
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="given_up",
            field=sprechzeit.practice.models.base.PracticeForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="patients.patient",
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="patient",
            field=sprechzeit.practice.models.base.PracticeForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merges",
                to="patients.patient",
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="practice",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
            ),
        ),
        migrations.AddField(
            model_name="possibleduplicate",
            name="other",
            field=sprechzeit.practice.models.base.PracticeForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="patients.patient",
            ),
        ),
        migrations.AddField(
            model_name="possibleduplicate",
            name="patient",
            field=sprechzeit.practice.models.base.PracticeForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="patients.patient",
            ),
        ),
        migrations.AddField(
            model_name="possibleduplicate",
            name="practice",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
            ),
        ),
        migrations.AddField(
            model_name="tocompare",
            name="patient",
            field=sprechzeit.practice.models.base.PracticeOneToOne(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="patients.patient",
            ),
        ),
        migrations.AddField(
            model_name="tocompare",
            name="practice",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.UniqueConstraint(
                models.F("given_up"), condition=models.Q(("undone_at", None)), name="merge_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("before__isnull", False), ("undone_at", None), ("undone_by", "")),
                    models.Q(
                        ("before", None), ("undone_at__isnull", False), models.Q(("undone_by", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="merge_undone",
            ),
        ),
        migrations.AddIndex(
            model_name="possibleduplicate",
            index=models.Index(
                models.F("practice"),
                models.OrderBy(models.F("weight"), descending=True),
                models.OrderBy(models.F("found_at"), descending=True),
                condition=models.Q(("dismissed_at", None)),
                name="possible_duplicate_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="possibleduplicate",
            constraint=models.UniqueConstraint(models.F("patient"), models.F("other"), name="possible_duplicate_once"),
        ),
        migrations.AddConstraint(
            model_name="possibleduplicate",
            constraint=models.CheckConstraint(
                condition=models.Q(("patient", models.F("other")), _negated=True), name="possible_duplicate_of_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="possibleduplicate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dismissed_at", None), ("dismissed_by", "")),
                    models.Q(("dismissed_at__isnull", False), models.Q(("dismissed_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="possible_duplicate_dismissed",
            ),
        ),
        Protect("Merge", "PossibleDuplicate"),
        Protect("ToCompare", derived=True),
        migrations.RunSQL(WITHIN, migrations.RunSQL.noop),
        # Functions and triggers in one string: what is in it is no template.
        migrations.RunSQL([(KEPT, None)], migrations.RunSQL.noop),
        migrations.RunSQL([ALONE, *GUARDS], migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
