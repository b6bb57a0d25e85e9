"""The function with which the book's background is read: planned once a connection, not once a page."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "book_grounds.sql"


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0013_block_removed")]
    operations = [
        migrations.RunPython(lambda _apps, editor: editor.execute(SQL.read_text(), params=None)),
    ]
