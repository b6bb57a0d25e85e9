"""Consultations, who sits at them, the signals between their pages, and whose a join link is (VID-3, VID-4)."""

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import InstallCrossing, Protect, crosses


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0025_link_of_calendar"),
        ("video", "0003_visit_messages"),
    ]

    operations = [
        migrations.CreateModel(
            name="Consultation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("wrong_tries", models.PositiveSmallIntegerField(default=0)),
                ("locked_at", models.DateTimeField(null=True)),
                ("admitted_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
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
                    "video",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consultation",
                        to="scheduling.videoappointment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "side",
                    models.CharField(choices=[("patient", "Patient"), ("practitioner", "Practitioner")], max_length=12),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("testing", "Testing"), ("waiting", "Waiting"), ("talking", "Talking")], max_length=8
                    ),
                ),
                ("since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("numbered", models.PositiveIntegerField(default=0)),
                ("taken", models.PositiveIntegerField(default=0)),
                (
                    "consultation",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="seats",
                        to="video.consultation",
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
        migrations.CreateModel(
            name="Signal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("sender", models.UUIDField(null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("description", "Description"),
                            ("candidates", "Candidates"),
                            ("restart", "Restart"),
                            ("soon", "Soon"),
                        ],
                        max_length=11,
                    ),
                ),
                ("body", models.TextField(blank=True)),
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
                    "seat",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signals",
                        to="video.seat",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="consultation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("locked_at", None), ("wrong_tries__lt", 5)),
                    models.Q(("locked_at__isnull", False), ("wrong_tries", 5)),
                    _connector="OR",
                ),
                name="consultation_locked",
            ),
        ),
        migrations.AddConstraint(
            model_name="consultation",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at", None), ("admitted_at__isnull", False), _connector="OR"),
                name="consultation_ended_after_it_began",
            ),
        ),
        migrations.AddIndex(
            model_name="seat",
            index=models.Index(models.F("practice"), models.F("seen_at"), name="seat_by_age"),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(models.F("consultation"), models.F("side"), name="seat_once"),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", ["patient", "practitioner"])), name="seat_side"
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "numbered__lte",
                        django.db.models.expressions.CombinedExpression(models.F("taken"), "+", models.Value(100)),
                    ),
                    ("taken__lte", models.F("numbered")),
                ),
                name="seat_signals",
            ),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.UniqueConstraint(models.F("seat"), models.F("number"), name="signal_once"),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.LessThanOrEqual(
                    django.db.models.functions.text.Length("body"), 20000
                ),
                name="signal_short",
            ),
        ),
        Protect("Consultation"),
        # What is told from page to page, and forgotten at the end.
        Protect("Seat", "Signal", derived=True),
        migrations.RunSQL(
            crosses("scheduling_videoappointment", "SELECT", ["id", "practice_id", "link_hash"]), migrations.RunSQL.noop
        ),
        InstallCrossing(),
    ]
