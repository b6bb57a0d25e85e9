"""What a partner's appointment remembers of it: who writes, whom the partner named, when it last changed (OTV-8, OTV-13)."""

from pathlib import Path
from typing import Any

import django.db.models.functions.datetime
from django.db import migrations, models

FUNCTIONS = Path(__file__).parents[1] / "partner_bookings.sql"


def install(_apps: Any, editor: Any) -> None:
    editor.execute(FUNCTIONS.read_text(), params=None)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0021_partner")]

    operations = [
        migrations.RemoveIndex(model_name="appointment", name="appointment_by_partner"),
        migrations.AddField(
            model_name="appointment",
            name="changed_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name="appointment",
            name="named_patient_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="appointment",
            name="partner_writes",
            field=models.BooleanField(db_default=False, default=False),
        ),
        # Of those that a partner made before.
        migrations.RunSQL(
            "UPDATE scheduling_appointment SET named_patient_id = patient_id WHERE partner_id IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        # What that left to be checked at the end is checked now: the table is changed further.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("named_patient_id__isnull", False), ("partner__isnull", False)),
                    models.Q(("named_patient_id", None), ("partner", None), ("partner_writes", False)),
                    _connector="OR",
                ),
                name="appointment_partner_named",
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                models.F("practice"),
                models.F("partner"),
                models.F("changed_at"),
                models.F("id"),
                condition=models.Q(("partner__isnull", False)),
                name="appointment_of_partner",
            ),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
