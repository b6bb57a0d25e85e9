"""Months are counted without holding kept next free times, and a calendar's new practitioner is counted too."""

from typing import Any

from django.db import migrations

from sprechzeit.scheduling.month_limits import FUNCTIONS, TRIGGERS_AGAIN


def install(_apps: Any, editor: Any) -> None:
    for statement in (FUNCTIONS.read_text(), *TRIGGERS_AGAIN):
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0018_month_limits")]
    operations = [migrations.RunPython(install)]
