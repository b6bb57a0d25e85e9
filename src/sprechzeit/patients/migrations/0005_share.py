import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import APP, Protect


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0004_made_online"),
        ("practice", "0005_team"),
    ]

    operations = [
        migrations.CreateModel(
            name="Share",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("shared_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "member",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.member",
                    ),
                ),
                (
                    "patient",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
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
                    "shared_by",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.member",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(models.F("practice"), models.F("member"), models.F("patient"), name="share_by_member")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("practice"),
                        models.F("patient"),
                        models.F("member"),
                        name="share_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        Protect("Share"),
        # What was shared stays shared (ACC-5).
        migrations.RunSQL(
            f"REVOKE UPDATE, DELETE, TRUNCATE ON patients_share FROM {APP}",
            f"GRANT UPDATE, DELETE ON patients_share TO {APP}",
        ),
    ]
