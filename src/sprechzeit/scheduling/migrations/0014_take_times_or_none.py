"""The writer's function takes none of the times itself where one is taken."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "take_times.sql"


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0013_block_removed")]
    operations = [
        migrations.RunPython(lambda _apps, editor: editor.execute(SQL.read_text(), params=None)),
    ]
