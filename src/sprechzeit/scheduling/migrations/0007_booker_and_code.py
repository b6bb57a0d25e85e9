import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0004_online_booking_settings"),
        ("scheduling", "0006_calendar_times"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="insurance",
            field=models.CharField(
                blank=True,
                choices=[("statutory", "Statutory"), ("private", "Private"), ("self_payer", "Self-payer")],
                db_default="",
                default="",
                max_length=10,
                verbose_name="Insurance",
            ),
        ),
        migrations.CreateModel(
            name="Booker",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "relation",
                    models.CharField(
                        choices=[("child", "for their child"), ("other", "for somebody else")], max_length=5
                    ),
                ),
                ("first_name", models.CharField(max_length=100, verbose_name="First name")),
                ("last_name", models.CharField(max_length=100, verbose_name="Last name")),
                ("mobile", models.CharField(blank=True, max_length=40, verbose_name="Mobile")),
                (
                    "appointment",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="booker",
                        to="scheduling.appointment",
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
                    models.CheckConstraint(
                        condition=models.Q(("relation__in", ["child", "other"])), name="booker_has_a_known_relation"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BookingCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("email", sprechzeit.practice.models.base.PracticeSealedText()),
                ("address", models.BinaryField(max_length=32)),
                ("language", models.CharField(default="de", max_length=2)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("proven_at", models.DateTimeField(null=True)),
                (
                    "hold",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="codes",
                        to="scheduling.hold",
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
                    models.CheckConstraint(condition=models.Q(("tries__lte", 5)), name="booking_code_tried_five_times")
                ],
            },
        ),
        Protect("Booker", "BookingCode"),
    ]
