"""What the video service is told of appointments, change by change (PUSH-5)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("practice", "0019_service_watch"),
        ("scheduling", "0025_link_of_calendar"),
    ]

    operations = [
        migrations.CreateModel(
            name="Push",
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
                        choices=[("create", "Booked"), ("change", "Changed"), ("cancel", "Cancelled")], max_length=10
                    ),
                ),
                ("reference", models.CharField(max_length=64)),
                ("target", models.CharField(max_length=32)),
                ("starts_at", models.DateTimeField()),
                ("minutes", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sent", "Taken"),
                            ("failed", "Not taken"),
                            ("left_out", "Left out"),
                        ],
                        db_default="waiting",
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("in_doubt", models.BooleanField(db_default=False, default=False)),
                ("overlaps", models.BooleanField(db_default=False, default=False)),
                ("attempts", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                (
                    "error",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("later", "A later change says all that this one did."),
                            ("over", "The appointment was over before it could be sent."),
                            ("other_service", "It was meant for the service that you had before."),
                            ("put_aside", "You left it at that."),
                            ("restored", "It was not sent, since the data was restored from a backup."),
                            ("no_email", "The appointment has no e-mail address, without which nobody can be let in."),
                            ("no_reference", "The calendar has no reference at the video service."),
                            ("address", "The address may not be called: it is none of a machine on the internet."),
                            ("name", "The name in the address is not known: nobody has it."),
                            ("connection", "No connection could be made, or it broke off."),
                            ("encryption", "The certificate is not valid for the address."),
                            ("timeout", "There was no answer within ten seconds."),
                            ("protocol", "The answer broke off, or is no HTTP."),
                            (
                                "redirect",
                                "The service named another address; that is not followed. Enter the final one.",
                            ),
                            ("token", "The service refused the token: it is wrong, or was revoked there."),
                            ("interface", "At this address is no interface for pushing appointments."),
                            ("answer", "The service answered something that cannot be read."),
                            ("busy", "The service asked to be left alone for a while."),
                            ("error", "The service has a fault of its own."),
                            ("practitioner", "The service does not know the calendar's reference."),
                            ("refused", "The service refused it."),
                        ],
                        db_default="",
                        default="",
                        max_length=20,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("last_at", models.DateTimeField(null=True)),
                ("next_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "appointment",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pushes",
                        to="scheduling.appointment",
                    ),
                ),
                (
                    "calendar",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
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
                "indexes": [
                    models.Index(models.F("practice"), models.F("created_at"), name="push_by_time"),
                    models.Index(
                        models.F("practice"),
                        models.F("appointment"),
                        models.F("number"),
                        condition=models.Q(("state__in", ["waiting", "failed"])),
                        name="push_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(models.F("appointment"), models.F("number"), name="push_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("in_doubt", False), ("sent_at__isnull", False), ("state", "sent")),
                            models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at", None)),
                            _connector="OR",
                        ),
                        name="push_sent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("error", "later"), _negated=True), ("in_doubt", False), _connector="OR"
                        ),
                        name="push_not_in_doubt",
                    ),
                ],
            },
        ),
        Protect("Push"),
    ]
