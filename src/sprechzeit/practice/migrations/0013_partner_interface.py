"""What a booking partner signs with, what it may read, who confirms its bookings (OTV-1, OTV-2, OTV-13)."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import APP, Protect


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0012_partner"),
    ]

    operations = [
        migrations.CreateModel(
            name="PartnerKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reference", models.CharField(max_length=60, unique=True)),
                ("public_key", models.CharField(max_length=44)),
                ("label", models.CharField(blank=True, max_length=100, verbose_name="Label")),
                ("starts_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="Good until")),
                ("revoked_at", models.DateTimeField(null=True)),
                ("registered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name="partner",
            name="confirms",
            field=models.CharField(
                choices=[("practice", "The practice, by Sprechzeit"), ("partner", "The partner")],
                db_default="practice",
                default="practice",
                max_length=10,
                verbose_name="Who confirms and reminds",
            ),
        ),
        migrations.AddField(
            model_name="partner",
            name="reads",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("rooms", "Rooms"),
                        ("hours", "Working hours, shifts, absences and booking windows (times only)"),
                        ("busy", "Taken times (time and calendar only)"),
                        ("match", "Whether a patient is known, if they did not say no"),
                        ("patients", "Name, date of birth and contact points of patients who said yes"),
                    ],
                    max_length=10,
                ),
                blank=True,
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="partner",
            name="webhook_url",
            field=models.URLField(
                blank=True, db_default="", default="", max_length=300, verbose_name="Address for changes"
            ),
        ),
        migrations.AddConstraint(
            model_name="partner",
            constraint=models.CheckConstraint(
                condition=models.Q(("reads__contained_by", ["rooms", "hours", "busy", "match", "patients"])),
                name="partner_reads",
            ),
        ),
        migrations.AddField(
            model_name="partnerkey",
            name="partner",
            field=sprechzeit.practice.models.base.PracticeForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="keys",
                to="practice.partner",
            ),
        ),
        migrations.AddField(
            model_name="partnerkey",
            name="practice",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerkey",
            constraint=models.UniqueConstraint(models.F("partner"), models.F("public_key"), name="partner_key_once"),
        ),
        Protect("PartnerKey"),
        migrations.RunSQL(
            f"REVOKE DELETE, TRUNCATE ON practice_partnerkey FROM {APP}",
            f"GRANT DELETE ON practice_partnerkey TO {APP}",
        ),
    ]
