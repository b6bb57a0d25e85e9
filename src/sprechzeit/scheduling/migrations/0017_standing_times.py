"""What a visitor keeps is found by a function; the functions that take time keep their plans."""

from pathlib import Path
from typing import Any

from django.db import migrations

FUNCTIONS = [Path(__file__).parents[1] / name for name in ("standing_times.sql", "take_times.sql")]


def install(_apps: Any, editor: Any) -> None:
    for file in FUNCTIONS:
        editor.execute(file.read_text(), params=None)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0016_nobody_left")]
    operations = [migrations.RunPython(install)]
