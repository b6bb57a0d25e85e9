"""When patients are reminded (NOT-4)."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect


class Migration(migrations.Migration):
    dependencies = [
        ("messages_room", "0007_next_try"),
        ("practice", "0021_message_switches"),
        ("scheduling", "0025_link_of_calendar"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reminder",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "hours_before",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1440),
                        ],
                        verbose_name="Hours before",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("sms", "SMS")], default="email", max_length=8, verbose_name="By"
                    ),
                ),
                ("is_on", models.BooleanField(default=True)),
                ("counts_from", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                    "type",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="scheduling.appointmenttype",
                    ),
                ),
            ],
            options={
                "db_table": "messages_reminder",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("practice"),
                        models.F("type"),
                        models.F("hours_before"),
                        models.F("channel"),
                        name="reminder_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hours_before__range", (1, 1440))), name="reminder_hours"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ("email", "sms"))), name="reminder_channel"
                    ),
                ],
            },
        ),
        Protect("Reminder"),
    ]
