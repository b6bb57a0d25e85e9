"""Sessions that were entered by mistake: they stay and count no more."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect

GUARDS = (Path(__file__).parent.parent / "withdrawal_guards.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0011_guards_path"),
        ("records", "0004_reports"),
        ("scheduling", "0019_month_limits_again"),
    ]

    operations = [
        migrations.CreateModel(
            name="SessionWithdrawal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("withdrawn_by", models.CharField(max_length=60)),
                ("withdrawn_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "appointment",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
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
                (
                    "session",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="records.session",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        Protect("SessionWithdrawal"),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
    ]
