"""Where an appointment takes place, and how one joins it by video (PUSH-4, PUSH-7, VID-2)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0018_video_service"),
        ("scheduling", "0022_partner_bookings"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="location",
            field=models.CharField(
                choices=[("practice", "Practice"), ("phone", "Phone"), ("home", "Home visit"), ("video", "Video")],
                db_default="practice",
                default="practice",
                max_length=8,
                verbose_name="Location",
            ),
        ),
        migrations.AddField(
            model_name="calendar",
            name="video_reference",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=100, verbose_name="Reference at the video service"
            ),
        ),
        migrations.CreateModel(
            name="VideoAppointment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("link_hash", models.BinaryField(max_length=32, null=True, unique=True)),
                ("join_url", sprechzeit.practice.models.base.PracticeSealedText(null=True)),
                ("tan", sprechzeit.practice.models.base.PracticeSealedText(null=True)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "appointment",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="video",
                        to="scheduling.appointment",
                    ),
                ),
                (
                    "block",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="video",
                        to="scheduling.block",
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
                        condition=models.Q(
                            models.Q(("appointment", None), ("block__isnull", False)),
                            models.Q(("appointment__isnull", False), ("block", None)),
                            _connector="OR",
                        ),
                        name="video_of_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("join_url__isnull", False), ("link_hash", None), ("tan__isnull", False)),
                            models.Q(("join_url", None), ("link_hash__isnull", False), ("tan", None)),
                            _connector="OR",
                        ),
                        name="video_here_or_elsewhere",
                    ),
                ],
            },
        ),
        # Until now an appointment took place where its type does.
        migrations.RunSQL(
            "UPDATE scheduling_appointment a SET location = t.location FROM scheduling_appointmenttype t "
            "WHERE t.id = a.type_id AND t.location <> 'practice'",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        Protect("VideoAppointment"),
    ]
