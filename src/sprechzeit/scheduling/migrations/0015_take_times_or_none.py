"""The writer's function takes none of the times itself where one is taken; a hold is found by a function."""

from pathlib import Path
from typing import Any

from django.db import migrations

FUNCTIONS = [Path(__file__).parents[1] / name for name in ("take_times.sql", "hold_of_token.sql")]


def install(_apps: Any, editor: Any) -> None:
    for file in FUNCTIONS:
        editor.execute(file.read_text(), params=None)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0014_book_grounds")]
    operations = [
        migrations.RunPython(install),
    ]
