"""Which booking partner booked, or keeps a time (OTV-7, OTV-8)."""

import django.db.models.deletion
from django.db import migrations, models

import sprechzeit.practice.models.base

WITHIN = """
    ALTER TABLE {table} ADD CONSTRAINT {table}_partner_id_within
    FOREIGN KEY (practice_id, partner_id) REFERENCES practice_partner (practice_id, id)
"""
TABLES = ("scheduling_appointment", "scheduling_hold")


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0011_consent"),
        ("practice", "0013_partner_interface"),
        ("scheduling", "0020_not_merged"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="appointment",
            name="appointment_unseen",
        ),
        migrations.AddField(
            model_name="appointment",
            name="partner",
            field=sprechzeit.practice.models.base.PracticeForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="practice.partner",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="partner",
            field=sprechzeit.practice.models.base.PracticeForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="practice.partner",
            ),
        ),
        migrations.AlterField(
            model_name="appointment",
            name="source",
            field=models.CharField(
                choices=[("staff", "Practice"), ("online", "Online booking"), ("partner", "Booking partner")],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                models.F("practice"),
                models.F("created_at"),
                condition=models.Q(("seen_at", None), ("source__in", ("online", "partner"))),
                name="appointment_unseen",
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                models.F("practice"),
                models.F("partner"),
                models.F("created_at"),
                condition=models.Q(("partner__isnull", False)),
                name="appointment_by_partner",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("partner__isnull", False), ("source", "partner")),
                    models.Q(models.Q(("source", "partner"), _negated=True), ("partner", None)),
                    _connector="OR",
                ),
                name="appointment_partner",
            ),
        ),
        *(
            migrations.RunSQL(
                WITHIN.format(table=table), f"ALTER TABLE {table} DROP CONSTRAINT {table}_partner_id_within"
            )
            for table in TABLES
        ),
    ]
