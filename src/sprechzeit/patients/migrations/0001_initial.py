import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("practice", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE patients_number START 10001", "DROP SEQUENCE patients_number"),
        migrations.CreateModel(
            name="Patient",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "number",
                    models.BigIntegerField(
                        db_default=models.Func(
                            models.Value("patients_number"), function="nextval", output_field=models.BigIntegerField()
                        ),
                        verbose_name="Number",
                    ),
                ),
                ("first_name", models.CharField(max_length=100, verbose_name="First name")),
                ("last_name", models.CharField(max_length=100, verbose_name="Last name")),
                ("date_of_birth", models.DateField(null=True, verbose_name="Date of birth")),
                ("first_key", models.TextField(db_collation="C")),
                ("last_key", models.TextField(db_collation="C")),
                ("language", models.CharField(blank=True, max_length=2, verbose_name="Language")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("archived_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        null=True,
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
            name="ContactProposal",
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
                        choices=[("email", "E-mail"), ("mobile", "Mobile"), ("phone", "Phone")],
                        max_length=10,
                        verbose_name="Kind",
                    ),
                ),
                ("value", models.CharField(max_length=254, verbose_name="Value")),
                ("key", models.TextField()),
                ("proposed_at", models.DateTimeField(auto_now_add=True)),
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
                    "patient",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact_proposals",
                        to="patients.patient",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ContactPoint",
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
                        choices=[("email", "E-mail"), ("mobile", "Mobile"), ("phone", "Phone")],
                        max_length=10,
                        verbose_name="Kind",
                    ),
                ),
                ("value", models.CharField(max_length=254, verbose_name="Value")),
                ("key", models.TextField()),
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
                    "patient",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact_points",
                        to="patients.patient",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(
                models.F("practice"),
                models.F("date_of_birth"),
                models.F("last_key"),
                models.F("first_key"),
                name="patient_by_identity",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.UniqueConstraint(models.F("practice"), models.F("number"), name="patient_number_once"),
        ),
        migrations.AddConstraint(
            model_name="contactproposal",
            constraint=models.UniqueConstraint(
                models.F("patient"), models.F("kind"), models.F("key"), name="contact_proposal_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactpoint",
            constraint=models.UniqueConstraint(
                models.F("patient"), models.F("kind"), models.F("key"), name="contact_point_once"
            ),
        ),
        Protect("Patient", "ContactPoint", "ContactProposal"),
    ]
