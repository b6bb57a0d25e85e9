"""What partners are told of changes to their bookings (OTV-9)."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import APP, Protect

SQL = Path(__file__).parents[1] / "events.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0002_answers"),
        ("practice", "0013_partner_interface"),
        ("scheduling", "0022_partner_bookings"),
    ]

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("booked", "Booked"),
                            ("moved", "Moved"),
                            ("cancelled", "Cancelled"),
                            ("restored", "Takes place after all"),
                            ("changed", "Changed"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "by",
                    models.CharField(
                        choices=[("practice", "Practice"), ("patient", "Patient"), ("partner", "Booking partner")],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("state", models.CharField(choices=[("booked", "Booked"), ("cancelled", "Cancelled")], max_length=10)),
                ("sequence", models.PositiveIntegerField()),
                (
                    "appointment",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
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
                    "partner",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="practice.partner",
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
                    "type",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scheduling.appointmenttype",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sent", "Delivered"),
                            ("failed", "Not delivered"),
                            ("left_out", "Left out"),
                        ],
                        db_default="waiting",
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                (
                    "error",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("later", "A later change of the appointment says all that this one did."),
                            ("no_address", "The partner had no address for changes any more, or had ended."),
                            ("put_aside", "You left it at that."),
                            ("restored", "It was not sent, since the data was restored from a backup."),
                            ("gone", "The partner said that the address is gone for good."),
                            ("address", "The address may not be called: it is none of a machine on the internet."),
                            ("name", "The name of the address is not known."),
                            ("connection", "No connection could be made, or it broke off."),
                            ("encryption", "The certificate is not valid for the address."),
                            ("timeout", "There was no answer within ten seconds."),
                            ("protocol", "The answer broke off, or is no HTTP."),
                            ("redirect", "The partner named another address; that is not followed."),
                            ("refused", "The partner did not take it."),
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
                    "practice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.practice",
                    ),
                ),
                (
                    "event",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="delivery",
                        to="partners.event",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Feed",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.BigIntegerField()),
                (
                    "partner",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.partner",
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
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="WebhookOff",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("url", models.URLField(max_length=300)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "partner",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.partner",
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
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(models.F("practice"), models.F("partner"), models.F("number"), name="event_of_partner"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                models.F("practice"), models.F("appointment"), models.F("number"), name="event_of_appointment"
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(models.F("partner"), models.F("number"), name="event_number_once"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                models.F("practice"),
                models.F("created_at"),
                condition=models.Q(("state", "failed")),
                name="delivery_failed",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_at__isnull", False), ("state", "sent")),
                    models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at", None)),
                    _connector="OR",
                ),
                name="delivery_sent",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookoff",
            constraint=models.UniqueConstraint(models.F("partner"), models.F("url"), name="webhook_off_once"),
        ),
        # Both follow from changes of appointments, which are logged in the same transaction.
        Protect("Feed", "Event", derived=True),
        Protect("Delivery", "WebhookOff"),
        migrations.RunSQL(
            f"REVOKE UPDATE, TRUNCATE ON partners_event FROM {APP}", f"GRANT UPDATE ON partners_event TO {APP}"
        ),
        migrations.RunPython(lambda _apps, editor: editor.execute(SQL.read_text(), params=None)),
    ]
