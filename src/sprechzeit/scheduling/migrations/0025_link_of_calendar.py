"""Link and TAN of a video service are good in one calendar (PUSH-4)."""

import django.db.models.deletion
from django.db import migrations, models

import sprechzeit.practice.models.base

WITHIN = """
    ALTER TABLE scheduling_videoappointment ADD CONSTRAINT scheduling_videoappointment_calendar_id_within
    FOREIGN KEY (practice_id, calendar_id) REFERENCES scheduling_calendar (practice_id, id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0019_service_watch"),
        ("scheduling", "0024_location"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="videoappointment",
            name="video_here_or_elsewhere",
        ),
        migrations.AddField(
            model_name="videoappointment",
            name="calendar",
            field=sprechzeit.practice.models.base.PracticeForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="scheduling.calendar",
            ),
        ),
        migrations.RunSQL(WITHIN, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="videoappointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("calendar__isnull", False),
                        ("join_url__isnull", False),
                        ("link_hash", None),
                        ("tan__isnull", False),
                    ),
                    models.Q(("calendar", None), ("join_url", None), ("link_hash__isnull", False), ("tan", None)),
                    _connector="OR",
                ),
                name="video_here_or_elsewhere",
            ),
        ),
    ]
