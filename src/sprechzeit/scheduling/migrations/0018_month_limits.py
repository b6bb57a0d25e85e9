"""The database counts a month's appointments, and refuses those past what the practice's plan allows."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect
from sprechzeit.scheduling.month_limits import FUNCTIONS, STATEMENTS

CALENDAR_TIMES = Path(__file__).parents[1] / "calendar_times.sql"


def install(_apps: Any, editor: Any) -> None:
    for file in (CALENDAR_TIMES, FUNCTIONS):
        editor.execute(file.read_text(), params=None)
    for statement in STATEMENTS:
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0017_standing_times"), ("practice", "0008_plan")]
    operations = [
        migrations.CreateModel(
            name="MonthNotice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("practitioner", models.UUIDField()),
                ("month", models.DateField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "calendar",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="scheduling.calendar",
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
                    models.UniqueConstraint(
                        models.F("practice"), models.F("practitioner"), models.F("month"), name="month_notice_once"
                    )
                ],
            },
        ),
        Protect("MonthNotice"),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "ends_at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("starts_at"), "+", models.Value(timedelta(days=1))
                        ),
                    )
                ),
                name="appointment_within_a_day",
            ),
        ),
        migrations.RunPython(install),
    ]
