"""Where what is booked takes place; by video only where that can be held, and with an e-mail address (PUSH-3, 4, 6, 10)."""

from pathlib import Path
from typing import Any

from django.db import migrations, models
from django.utils import timezone

from sprechzeit.core.crypto import token_hash
from sprechzeit.scheduling.next_free_marks import VIDEO as VIDEO_MARKS
from sprechzeit.scheduling.time_versions import VIDEO as VIDEO_VERSIONS
from sprechzeit.scheduling.video_links import link_of
from sprechzeit.scheduling.video_needs_email import STATEMENTS

CALENDAR_TIMES = Path(__file__).parents[1] / "calendar_times.sql"


def install(_apps: Any, editor: Any) -> None:
    editor.execute(CALENDAR_TIMES.read_text(), params=None)
    for statement in (*VIDEO_VERSIONS, *VIDEO_MARKS, *STATEMENTS):
        editor.execute(statement, params=None)


def hold_here(apps: Any, _editor: Any) -> None:
    """What was offered by video before stays so: it is held here, and what is to come has its link."""
    practices = apps.get_model("practice", "Practice").objects.filter(
        id__in=apps.get_model("scheduling", "AppointmentType").objects.filter(location="video").values("practice_id"),
        video_service=None,
    )
    service, video = apps.get_model("practice", "VideoService"), apps.get_model("scheduling", "VideoAppointment")
    for practice in practices:
        service.objects.create(practice=practice, kind="here", is_on=True)
    coming = apps.get_model("scheduling", "Appointment").objects.filter(
        location="video",
        cancellation=None,
        video=None,
        ends_at__gt=timezone.now(),
        practice__video_service__kind="here",
    )
    for one in coming.exclude(email=""):
        link = video(practice_id=one.practice_id, appointment_id=one.pk)
        link.link_hash = token_hash(link_of(link.pk))
        link.save(force_insert=True)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0023_video"), ("practice", "0018_video_service"), ("patients", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="appointmenttype",
            name="location",
            field=models.CharField(
                blank=True,
                choices=[("practice", "Practice"), ("phone", "Phone"), ("home", "Home visit"), ("video", "Video")],
                db_default="",
                default="",
                max_length=8,
                verbose_name="Location",
            ),
        ),
        migrations.AlterField(
            model_name="bookchange",
            name="kind",
            field=models.CharField(
                choices=[
                    ("entered", "Entered"),
                    ("moved", "Moved"),
                    ("cancelled", "Cancelled"),
                    ("attended", "Attended"),
                    ("relocated", "Relocated"),
                ],
                max_length=10,
            ),
        ),
        # In the practice, until now; as the practice says, from now on, which is the same until it says something else.
        migrations.RunSQL(
            "UPDATE scheduling_appointmenttype SET location = '' WHERE location = 'practice'", migrations.RunSQL.noop
        ),
        migrations.RunPython(hold_here),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunPython(install),
    ]
