"""How long a practice keeps what, and what was deleted (PRI-21)."""

import django.db.models.deletion
from django.db import migrations, models

import sprechzeit.core.ids
from sprechzeit.core.rowsecurity import Protect

_PRACTICE = {
    "db_index": False,
    "on_delete": django.db.models.deletion.PROTECT,
    "related_name": "+",
    "to": "practice.practice",
}


class Migration(migrations.Migration):
    initial = True

    dependencies = [("practice", "0018_video_service"), ("core", "0004_erase_rows")]

    operations = [
        migrations.CreateModel(
            name="DeletionReport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("counts", models.JSONField(default=dict)),
                ("practice", models.ForeignKey(**_PRACTICE)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("practice"), models.F("day"), name="deletion_report_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionPeriod",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("days", models.PositiveSmallIntegerField()),
                ("practice", models.ForeignKey(**_PRACTICE)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("practice"), models.F("kind"), name="retention_period_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("days__range", (7, 365)), ("kind", "visits")),
                            models.Q(("days__range", (30, 3653)), ("kind", "messages")),
                            models.Q(("days__range", (30, 3653)), ("kind", "blocks")),
                            _connector="OR",
                        ),
                        name="retention_period_allowed",
                    ),
                ],
            },
        ),
        # The report is told by the log itself: each deletion and each erasure has its entry.
        Protect("DeletionReport", derived=True),
        Protect("RetentionPeriod"),
    ]
