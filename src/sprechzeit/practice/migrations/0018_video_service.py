"""The video service of a practice, and the tokens of those that push to it (PUSH-1, PUSH-2)."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0017_partner_key_of_one"),
    ]

    operations = [
        migrations.AddField(
            model_name="practice",
            name="online_location",
            field=models.CharField(
                choices=[("practice", "in the practice"), ("video", "by video")],
                db_default="practice",
                default="practice",
                max_length=8,
                verbose_name="Appointments booked online take place",
            ),
        ),
        migrations.AddField(
            model_name="practice",
            name="video_mails",
            field=models.BooleanField(db_default=True, default=True, verbose_name="The video side writes to patients"),
        ),
        migrations.CreateModel(
            name="VideoService",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(default="here", max_length=20, verbose_name="Video service")),
                ("is_on", models.BooleanField(default=False, verbose_name="Switched on")),
                ("url", models.URLField(blank=True, max_length=300, verbose_name="Address")),
                ("token", sprechzeit.practice.models.base.PracticeSealedText(null=True)),
                (
                    "shown_as",
                    models.CharField(
                        choices=[
                            ("first_name", "First name"),
                            ("initials", "Initials"),
                            ("code", "A code without a name"),
                        ],
                        default="first_name",
                        max_length=10,
                        verbose_name="Patients are named by",
                    ),
                ),
                ("sends_last_name", models.BooleanField(default=False, verbose_name="Last name as well")),
                ("sends_mobile", models.BooleanField(default=False, verbose_name="Mobile number as well")),
                (
                    "link_wait_minutes",
                    models.PositiveSmallIntegerField(
                        default=15,
                        validators=[django.core.validators.MaxValueValidator(1440)],
                        verbose_name="Messages wait for the link (minutes)",
                    ),
                ),
                ("fault", models.CharField(blank=True, db_default="", default="", max_length=40)),
                ("fault_at", models.DateTimeField(null=True)),
                (
                    "practice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="video_service",
                        to="practice.practice",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("url", ""),
                            ("url__regex", "^(https://|http://(localhost|127\\.0\\.0\\.1)[:/])"),
                            _connector="OR",
                        ),
                        name="video_service_https",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("link_wait_minutes__lte", 1440)), name="video_service_waits_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("shown_as", "first_name"), ("sends_last_name", False), _connector="OR"),
                        name="video_service_pseudonym",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VideoToken",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="Name")),
                ("token_hash", models.BinaryField(max_length=32, unique=True)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("last_used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "made_by",
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
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("practice"),
                        django.db.models.functions.text.Lower("name"),
                        condition=models.Q(("revoked_at", None)),
                        name="video_token_name_once",
                    )
                ],
            },
        ),
        Protect("VideoService", "VideoToken"),
    ]
