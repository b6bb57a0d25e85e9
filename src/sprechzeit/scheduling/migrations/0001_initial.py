import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
import sprechzeit.practice.models.facts
from sprechzeit.core.rowsecurity import Protect, crosses
from sprechzeit.scheduling.exclusion import STATEMENTS


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("patients", "0001_initial"),
        ("practice", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Appointment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "source",
                    models.CharField(choices=[("staff", "Practice"), ("online", "Online booking")], max_length=10),
                ),
                ("remark", models.TextField(blank=True, verbose_name="Remark")),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("language", models.CharField(default="de", max_length=2)),
                ("sequence", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "patient",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="patients.patient",
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
                    "room",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.room",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AppointmentLink",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("token_hash", models.BinaryField(max_length=32, unique=True)),
                (
                    "appointment",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="link",
                        to="scheduling.appointment",
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
            name="AppointmentType",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="Name")),
                (
                    "duration",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MinValueValidator(5)], verbose_name="Duration (minutes)"
                    ),
                ),
                ("buffer_before", models.PositiveSmallIntegerField(default=0, verbose_name="Buffer before (minutes)")),
                ("buffer_after", models.PositiveSmallIntegerField(default=0, verbose_name="Buffer after (minutes)")),
                ("grid", models.PositiveSmallIntegerField(default=15, verbose_name="Starts every (minutes)")),
                ("notice", models.PositiveIntegerField(default=120, verbose_name="Bookable until (minutes before)")),
                ("horizon", models.PositiveSmallIntegerField(default=90, verbose_name="Bookable for (days ahead)")),
                ("online", models.BooleanField(default=True, verbose_name="Bookable online")),
                ("needs_room", models.BooleanField(default=True, verbose_name="Needs a room")),
                ("colour", sprechzeit.practice.models.facts.ColourField(default=1, verbose_name="Colour")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="Order")),
                ("reference", models.CharField(default=sprechzeit.core.ids.new_reference, max_length=24, unique=True)),
                ("retired_at", models.DateTimeField(null=True)),
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
        migrations.AddField(
            model_name="appointment",
            name="type",
            field=sprechzeit.practice.models.base.PracticeForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="scheduling.appointmenttype",
            ),
        ),
        migrations.CreateModel(
            name="Calendar",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="Name")),
                ("initials", models.CharField(max_length=4, verbose_name="Initials")),
                ("colour", sprechzeit.practice.models.facts.ColourField(default=1, verbose_name="Colour")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="Order")),
                ("reference", models.CharField(default=sprechzeit.core.ids.new_reference, max_length=24, unique=True)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "member",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calendars",
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
        ),
        migrations.AddField(
            model_name="appointment",
            name="calendar",
            field=sprechzeit.practice.models.base.PracticeForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appointments",
                to="scheduling.calendar",
            ),
        ),
        migrations.CreateModel(
            name="CalendarImport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("file_hash", models.BinaryField(max_length=32)),
                ("imported_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Cancellation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="Reason")),
                ("cancelled_by", models.CharField(max_length=60)),
                ("cancelled_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "appointment",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cancellation",
                        to="scheduling.appointment",
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
            name="Occupancy",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("appointment", "Appointment"), ("hold", "Hold"), ("block", "Block")], max_length=12
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                ("overbooked", models.BooleanField(default=False)),
                ("expires_at", models.DateTimeField(null=True)),
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
                (
                    "space",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.space",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("token_hash", models.BinaryField(max_length=32)),
                ("form", models.BinaryField(max_length=32)),
                ("address", models.BinaryField(max_length=32)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "appointment",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hold",
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
                (
                    "room",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.room",
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
                (
                    "occupancy",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hold",
                        to="scheduling.occupancy",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=300, verbose_name="Title")),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("all_day", models.BooleanField(default=False)),
                ("uid", models.CharField(max_length=255)),
                ("recurrence", models.CharField(blank=True, max_length=40)),
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
                    "calendar",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="blocks",
                        to="scheduling.calendar",
                    ),
                ),
                (
                    "calendar_import",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="blocks",
                        to="scheduling.calendarimport",
                    ),
                ),
                (
                    "occupancy",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="block",
                        to="scheduling.occupancy",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="appointment",
            name="occupancy",
            field=sprechzeit.practice.models.base.PracticeForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appointments",
                to="scheduling.occupancy",
            ),
        ),
        migrations.CreateModel(
            name="Offering",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "calendar",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offerings",
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
                (
                    "type",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offerings",
                        to="scheduling.appointmenttype",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OfferingRoom",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "offering",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rooms",
                        to="scheduling.offering",
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
                    "room",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="practice.room",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WorkingHours",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("weekday", models.PositiveSmallIntegerField(validators=[django.core.validators.MaxValueValidator(6)])),
                ("starts", models.PositiveSmallIntegerField()),
                ("ends", models.PositiveSmallIntegerField()),
                (
                    "calendar",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="working_hours",
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
        ),
        migrations.AddConstraint(
            model_name="appointmenttype",
            constraint=models.UniqueConstraint(
                models.F("practice"), models.F("name"), name="appointment_type_name_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="appointmenttype",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("buffer_after__lte", 1440),
                    ("buffer_before__lte", 1440),
                    ("duration__range", (1, 1440)),
                    ("grid__range", (1, 1440)),
                ),
                name="appointment_type_within_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendar",
            constraint=models.UniqueConstraint(models.F("practice"), models.F("name"), name="calendar_name_once"),
        ),
        migrations.AddIndex(
            model_name="occupancy",
            index=models.Index(
                models.F("practice"),
                models.F("calendar"),
                models.F("ends_at"),
                condition=models.Q(("active", True)),
                name="occupancy_of_calendar",
            ),
        ),
        migrations.AddIndex(
            model_name="occupancy",
            index=models.Index(
                models.F("space"), models.F("ends_at"), condition=models.Q(("active", True)), name="occupancy_of_space"
            ),
        ),
        migrations.AddIndex(
            model_name="occupancy",
            index=models.Index(
                models.F("practice"),
                models.F("calendar"),
                name="holds_of_calendar",
                condition=models.Q(("active", True), ("kind", "hold")),
            ),
        ),
        migrations.AddIndex(
            model_name="occupancy",
            index=models.Index(
                models.F("space"),
                name="holds_of_space",
                condition=models.Q(("active", True), ("kind", "hold")),
            ),
        ),
        migrations.AddConstraint(
            model_name="occupancy",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts_at__lt", models.F("ends_at"))), name="occupancy_takes_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="occupancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("expires_at__isnull", False), ("kind", "hold")),
                    models.Q(models.Q(("kind", "hold"), _negated=True), ("expires_at", None)),
                    _connector="OR",
                ),
                name="only_holds_expire",
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(models.F("practice"), models.F("address"), name="hold_by_address"),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(models.F("practice"), models.F("form"), name="hold_by_form"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(models.F("practice"), models.F("token_hash"), name="hold_token_once"),
        ),
        migrations.AddIndex(
            model_name="block",
            index=models.Index(
                models.F("practice"), models.F("calendar"), models.F("ends_at"), name="block_by_calendar"
            ),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.UniqueConstraint(
                models.F("calendar"), models.F("uid"), models.F("recurrence"), name="imported_entry_once"
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                models.F("practice"), models.F("calendar"), models.F("ends_at"), name="appointment_by_calendar"
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                models.F("practice"), models.F("patient"), models.F("starts_at"), name="appointment_by_patient"
            ),
        ),
        migrations.AddConstraint(
            model_name="offering",
            constraint=models.UniqueConstraint(models.F("type"), models.F("calendar"), name="offering_once"),
        ),
        migrations.AddConstraint(
            model_name="offeringroom",
            constraint=models.UniqueConstraint(models.F("offering"), models.F("room"), name="offering_room_once"),
        ),
        migrations.AddIndex(
            model_name="workinghours",
            index=models.Index(fields=["practice", "calendar"], name="working_hours_by_calendar"),
        ),
        migrations.AddConstraint(
            model_name="workinghours",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends__lte", 1440), ("starts__lt", models.F("ends")), ("weekday__lte", 6)),
                name="working_hours_in_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="workinghours",
            constraint=models.UniqueConstraint(
                models.F("calendar"), models.F("weekday"), models.F("starts"), name="working_hours_once"
            ),
        ),
        Protect(
            "Calendar",
            "WorkingHours",
            "AppointmentType",
            "Offering",
            "OfferingRoom",
            "Occupancy",
            "Appointment",
            "AppointmentLink",
            "Cancellation",
            "Hold",
            "CalendarImport",
            "Block",
        ),
        migrations.RunSQL(
            [
                *STATEMENTS,
                *crosses("scheduling_appointmentlink", "SELECT", ["id", "practice_id", "token_hash"]),
                *crosses(
                    "scheduling_occupancy",
                    "SELECT",
                    ["space_id", "starts_at", "ends_at", "active", "kind", "expires_at"],
                ),
                *crosses("scheduling_occupancy", "UPDATE", ["active"]),
            ],
            migrations.RunSQL.noop,
        ),
    ]
