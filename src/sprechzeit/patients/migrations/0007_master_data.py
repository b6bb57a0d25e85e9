import django.db.models.deletion
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect, logged

SEALED = ("remarks", "warnings")


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0006_nobody_left"),
        ("practice", "0011_guards_path"),
    ]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="birth_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="Birth name"),
        ),
        migrations.AddField(
            model_name="patient",
            name="country",
            field=models.CharField(blank=True, db_default="", default="", max_length=60, verbose_name="Country"),
        ),
        migrations.AddField(
            model_name="patient",
            name="gender",
            field=models.CharField(
                blank=True,
                choices=[("female", "female"), ("male", "male"), ("diverse", "diverse")],
                db_default="",
                default="",
                max_length=10,
                verbose_name="Gender",
            ),
        ),
        migrations.AddField(
            model_name="patient",
            name="insurance",
            field=models.CharField(
                blank=True,
                choices=[("statutory", "Statutory"), ("private", "Private"), ("self_payer", "Self-payer")],
                db_default="",
                default="",
                max_length=12,
                verbose_name="Insurance",
            ),
        ),
        migrations.AddField(
            model_name="patient",
            name="insurance_number",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=40, verbose_name="Insurance number"
            ),
        ),
        migrations.AddField(
            model_name="patient",
            name="insurer",
            field=models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="Insurer"),
        ),
        migrations.AddField(
            model_name="patient",
            name="postcode",
            field=models.CharField(blank=True, db_default="", default="", max_length=12, verbose_name="Postal code"),
        ),
        migrations.AddField(
            model_name="patient",
            name="remarks",
            field=sprechzeit.practice.models.base.PracticeSealedText(null=True, verbose_name="Remarks"),
        ),
        migrations.AddField(
            model_name="patient",
            name="salutation",
            field=models.CharField(
                blank=True,
                choices=[("ms", "Ms"), ("mr", "Mr")],
                db_default="",
                default="",
                max_length=10,
                verbose_name="Salutation",
            ),
        ),
        migrations.AddField(
            model_name="patient",
            name="street",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=120, verbose_name="Street and number"
            ),
        ),
        migrations.AddField(
            model_name="patient",
            name="title",
            field=models.CharField(blank=True, db_default="", default="", max_length=40, verbose_name="Title"),
        ),
        migrations.AddField(
            model_name="patient",
            name="town",
            field=models.CharField(blank=True, db_default="", default="", max_length=80, verbose_name="Town"),
        ),
        migrations.AddField(
            model_name="patient",
            name="warnings",
            field=sprechzeit.practice.models.base.PracticeSealedText(null=True, verbose_name="Warnings"),
        ),
        migrations.AlterField(
            model_name="contactpoint",
            name="kind",
            field=models.CharField(
                choices=[("email", "E-mail"), ("mobile", "Mobile"), ("phone", "Phone"), ("work", "Phone at work")],
                max_length=10,
                verbose_name="Kind",
            ),
        ),
        migrations.AlterField(
            model_name="contactproposal",
            name="kind",
            field=models.CharField(
                choices=[("email", "E-mail"), ("mobile", "Mobile"), ("phone", "Phone"), ("work", "Phone at work")],
                max_length=10,
                verbose_name="Kind",
            ),
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="Tag")),
                ("key", models.TextField(db_collation="C")),
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
            name="PatientTag",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "patient",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="patients.patient",
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
                (
                    "tag",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="patients.tag",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RelatedPerson",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("guardian", "Guardian"), ("payer", "Payer")], max_length=10, verbose_name="Kind"
                    ),
                ),
                ("name", models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="Name")),
                (
                    "street",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=120, verbose_name="Street and number"
                    ),
                ),
                (
                    "postcode",
                    models.CharField(blank=True, db_default="", default="", max_length=12, verbose_name="Postal code"),
                ),
                ("town", models.CharField(blank=True, db_default="", default="", max_length=80, verbose_name="Town")),
                (
                    "country",
                    models.CharField(blank=True, db_default="", default="", max_length=60, verbose_name="Country"),
                ),
                ("phone", models.CharField(blank=True, db_default="", default="", max_length=40, verbose_name="Phone")),
                (
                    "email",
                    models.CharField(blank=True, db_default="", default="", max_length=254, verbose_name="E-mail"),
                ),
                (
                    "patient",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="related_people",
                        to="patients.patient",
                    ),
                ),
                (
                    "person",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="patients.patient",
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
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("patient"), models.F("kind"), name="related_person_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("person", None), models.Q(("name", ""), _negated=True)),
                            models.Q(
                                ("country", ""),
                                ("email", ""),
                                ("name", ""),
                                ("person__isnull", False),
                                ("phone", ""),
                                ("postcode", ""),
                                ("street", ""),
                                ("town", ""),
                            ),
                            _connector="OR",
                        ),
                        name="related_person_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("person", models.F("patient")), _negated=True),
                        name="related_person_is_another",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(models.F("practice"), models.F("key"), name="tag_once"),
        ),
        migrations.AddConstraint(
            model_name="patienttag",
            constraint=models.UniqueConstraint(models.F("patient"), models.F("tag"), name="patient_tag_once"),
        ),
        Protect("Tag", "PatientTag", "RelatedPerson"),
        # What is sealed stands in the log as a digest only.
        migrations.RunSQL(
            f"DROP TRIGGER log_change ON patients_patient; {logged('patients_patient', 'practice_id', SEALED)}",
            f"DROP TRIGGER log_change ON patients_patient; {logged('patients_patient', 'practice_id')}",
        ),
    ]
