"""Messages of the video side itself (VID-5)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0018_video_service"),
        ("video", "0002_token"),
    ]

    operations = [
        migrations.CreateModel(
            name="VisitMessage",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("booked", "Confirmation by the video side"),
                            ("moved", "New time, by the video side"),
                            ("cancelled", "Cancellation by the video side"),
                        ],
                        max_length=20,
                    ),
                ),
                ("address", models.EmailField(max_length=254)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("subject", models.CharField(blank=True, max_length=250)),
                ("text", sprechzeit.practice.models.base.PracticeSealedText(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("sent_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=250)),
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
                    "visit",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="video.visit",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("practice"),
                        models.F("failed_at"),
                        condition=models.Q(("failed_at__isnull", False)),
                        name="visit_message_failed",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("practice"), models.F("visit"), models.F("number"), name="visit_message_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sent_at", None), ("failed_at", None), _connector="OR"),
                        name="visit_sent_or_failed",
                    ),
                ],
            },
        ),
        Protect("VisitMessage"),
    ]
