import django.db.models.deletion
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect
from sprechzeit.scheduling.next_free_marks import STATEMENTS


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0002_appointment_book"),
        ("scheduling", "0002_appointment_book"),
    ]

    operations = [
        migrations.CreateModel(
            name="NextFree",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("starts", models.IntegerField(null=True)),
                ("changes", models.IntegerField(default=1)),
                ("computed", models.IntegerField(default=0)),
                (
                    "calendar",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="scheduling.calendar",
                    ),
                ),
                (
                    "offering",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
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
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="practice.room",
                    ),
                ),
                (
                    "type",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="scheduling.appointmenttype",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(models.F("practice"), models.F("calendar"), name="next_free_of_calendar"),
                    models.Index(models.F("practice"), models.F("type"), models.F("starts"), name="next_free_by_time"),
                    models.Index(
                        models.F("practice"),
                        models.F("room"),
                        name="next_free_in_room",
                        condition=models.Q(("room__isnull", False)),
                    ),
                ],
            },
        ),
        Protect("NextFree", derived=True),
        migrations.RunSQL(STATEMENTS, migrations.RunSQL.noop),
    ]
