import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.facts
from sprechzeit.core.rowsecurity import Protect, crosses, logged, own_rows, row_security


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Practice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="Name")),
                ("slug", models.SlugField(max_length=60, unique=True, verbose_name="Address of the booking page")),
                ("street", models.CharField(blank=True, max_length=120, verbose_name="Street")),
                ("postcode", models.CharField(blank=True, max_length=12, verbose_name="Postcode")),
                ("town", models.CharField(blank=True, max_length=80, verbose_name="Town")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="Phone")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="E-mail")),
                ("zone_name", models.CharField(default="Europe/Berlin", max_length=60, verbose_name="Time zone")),
                ("language", models.CharField(default="de", max_length=2, verbose_name="Language")),
                ("colour", sprechzeit.practice.models.facts.ColourField(default=2, verbose_name="Colour")),
                (
                    "cancel_hours",
                    models.PositiveSmallIntegerField(
                        default=24, verbose_name="Patients may cancel until (hours before)"
                    ),
                ),
                (
                    "open_bookings",
                    models.PositiveSmallIntegerField(default=5, verbose_name="Open bookings per patient"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="Space",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="DataKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("wrapped", models.BinaryField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
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
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("administrator", "Group administrator"),
                            ("practitioner", "Group member"),
                            ("secretary", "Secretary's office"),
                        ],
                        default="practitioner",
                        max_length=20,
                        verbose_name="Role",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="Name")),
                ("initials", models.CharField(max_length=4, verbose_name="Initials")),
                ("colour", sprechzeit.practice.models.facts.ColourField(default=1, verbose_name="Colour")),
                ("account_number", models.PositiveIntegerField(verbose_name="Account number")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("left_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
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
                        models.F("user"),
                        condition=models.Q(("left_at", None)),
                        name="member_once",
                    ),
                    models.UniqueConstraint(
                        models.F("practice"), models.F("account_number"), name="account_number_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("scope", models.CharField(max_length=40)),
                ("key", models.BinaryField(max_length=32)),
                ("asked", models.BinaryField(max_length=32)),
                ("result_id", models.UUIDField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
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
                "indexes": [models.Index(fields=["practice", "created_at"], name="idempotency_by_age")],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("practice"), models.F("scope"), models.F("key"), name="idempotency_key_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Room",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="Name")),
                ("colour", sprechzeit.practice.models.facts.ColourField(default=1, verbose_name="Colour")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="Order")),
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
                (
                    "space",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rooms", to="practice.space"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(models.F("practice"), models.F("name"), name="room_name_once")],
            },
        ),
        Protect("DataKey", "Member", "Room", "IdempotencyKey"),
        migrations.RunSQL(
            [
                *row_security("practice_practice", app=own_rows("id")),
                logged("practice_practice", "id"),
                # A space is seen by the practices that have it as a room; `practice_room` is itself under row security.
                *row_security(
                    "practice_space",
                    app="EXISTS (SELECT 1 FROM practice_room r WHERE r.space_id = practice_space.id)",
                    check="true",
                ),
                *crosses("practice_practice", "SELECT", ["id", "slug"]),
                *crosses("practice_member", "SELECT", ["id", "practice_id", "user_id", "role", "left_at"]),
                *crosses("practice_room", "SELECT", ["practice_id", "space_id"]),
            ],
            migrations.RunSQL.noop,
        ),
    ]
