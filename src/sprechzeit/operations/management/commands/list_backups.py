"""`list_backups`: which backups are there, by the names that `sprechzeit backup verify` and `restore` take."""

from pathlib import Path
from typing import Any

from django.conf import settings

from sprechzeit.operations.backup.folder import Folder
from sprechzeit.operations.backup.targets import by_the_clock, moment_of
from sprechzeit.operations.management.plain import PlainCommand
from sprechzeit.operations.terminal import _


class Command(PlainCommand):
    help = "List the backups."

    def work(self, **options: Any) -> None:
        target = by_the_clock() or Folder(Path(settings.DATA_DIR) / "backups")
        names = target.names()
        for name in names:
            self.stdout.write(f"{moment_of(name)}  {target.address(name)}")
        if not names:
            self.stdout.write(_("There is no backup in %(place)s.") % {"place": target})
