"""`make_backup`: what `sprechzeit backup` runs as the user of the program."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from sprechzeit.operations.backup.folder import Folder
from sprechzeit.operations.backup.make import make_backup
from sprechzeit.operations.backup.targets import by_the_clock
from sprechzeit.operations.management.plain import PlainCommand
from sprechzeit.operations.terminal import _


class Command(PlainCommand):
    help = "Make a backup of everything where the settings say, or in the folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to")

    def work(self, **options: Any) -> None:
        chosen = Folder(Path(options["to"])) if options["to"] else by_the_clock()
        made = make_backup(chosen or Folder(Path(settings.DATA_DIR) / "backups"))
        facts = {
            "file": made.where, "size": f"{made.size / 1e6:.1f}", "rows": sum(made.manifest.rows.values()),
            "tables": len(made.manifest.rows), "files": made.manifest.files,
        }  # fmt: skip
        self.stdout.write(_("Backup made: %(file)s (%(size)s MB)") % facts)
        self.stdout.write(_("In it: rows: %(rows)s; tables: %(tables)s; files: %(files)s.") % facts)
        self.stdout.write(_("It opens with the recovery key only; keep that apart from it: sprechzeit backup key"))
