import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect


class Migration(migrations.Migration):
    dependencies = [
        ("messages_room", "0003_new_booking"),
        ("practice", "0018_video_service"),
        ("scheduling", "0023_video"),
    ]

    operations = [
        migrations.CreateModel(
            name="MessageTemplate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("event", models.CharField(max_length=20)),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("sms", "SMS"), ("calendar", "Calendar entry")], max_length=8
                    ),
                ),
                ("language", models.CharField(max_length=2)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("text", models.TextField(blank=True, max_length=5000)),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                "db_table": "messages_messagetemplate",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("practice"),
                        models.F("event"),
                        models.F("channel"),
                        models.F("language"),
                        models.F("type"),
                        name="message_template_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["email", "sms", "calendar"])),
                        name="message_template_channel",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("subject__regex", "[\\n\\r]"), _negated=True),
                        name="message_template_subject_one_line",
                    ),
                ],
            },
        ),
        Protect("MessageTemplate"),
    ]
