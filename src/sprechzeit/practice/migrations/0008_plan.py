"""A practice's plan, which only its operator changes, and the rooms that it has."""

from django.db import migrations, models

from sprechzeit.core.rowsecurity import InstallCrossing
from sprechzeit.practice.plan_limits import STATEMENTS


class Migration(migrations.Migration):
    dependencies = [("practice", "0007_nobody_left")]

    operations = [
        migrations.AddField(
            model_name="practice",
            name="plan",
            field=models.CharField(
                choices=[
                    ("S", "S"),
                    ("M", "M"),
                    ("L", "L"),
                    ("XL", "XL"),
                    ("XXL", "XXL"),
                    ("unlimited", "Unlimited"),
                ],
                db_default="unlimited",
                default="unlimited",
                max_length=10,
                verbose_name="Plan",
            ),
        ),
        migrations.AddConstraint(
            model_name="practice",
            constraint=models.CheckConstraint(
                condition=models.Q(("plan__in", ["S", "M", "L", "XL", "XXL", "unlimited"])), name="practice_plan"
            ),
        ),
        migrations.RunSQL(STATEMENTS, migrations.RunSQL.noop),
        InstallCrossing(),
    ]
