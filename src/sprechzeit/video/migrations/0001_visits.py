"""What booking systems pushed to the practice's video side (VID-1)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("practice", "0018_video_service"),
        ("scheduling", "0023_video"),
    ]

    operations = [
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.BinaryField(max_length=32)),
                ("asked", models.BinaryField(max_length=32)),
                ("status", models.PositiveSmallIntegerField(default=0)),
                ("body", sprechzeit.practice.models.base.PracticeSealedText(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                    "token",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.videotoken",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(models.F("practice"), models.F("created_at"), name="video_answer_by_age")],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("practice"), models.F("token"), models.F("key"), name="video_answer_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status", 0), ("status__range", (200, 499)), _connector="OR"),
                        name="video_answer_status",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reference", models.CharField(max_length=64)),
                ("first_name", models.CharField(max_length=100)),
                ("last_name", models.CharField(blank=True, default="", max_length=100)),
                ("email", models.EmailField(max_length=254)),
                ("mobile", models.CharField(blank=True, default="", max_length=40)),
                ("sequence", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "block",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="visit",
                        to="scheduling.block",
                    ),
                ),
                (
                    "member",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
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
                (
                    "token",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="practice.videotoken",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("practice"), models.F("token"), models.F("reference"), name="visit_by_reference"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("practice"),
                        models.F("token"),
                        models.F("reference"),
                        condition=models.Q(("cancelled_at", None)),
                        name="visit_reference_once",
                    )
                ],
            },
        ),
        Protect("Visit"),
        Protect("Answer", derived=True),
    ]
