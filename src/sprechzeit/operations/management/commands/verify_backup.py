"""`verify_backup`: prove the backup at standard input, whose key is the environment's master key."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from sprechzeit.operations.backup.archive import Backup
from sprechzeit.operations.backup.bucket import opened
from sprechzeit.operations.backup.restore import require_full
from sprechzeit.operations.backup.verify import prove
from sprechzeit.operations.management.plain import PlainCommand
from sprechzeit.operations.terminal import _


class Command(PlainCommand):
    help = "Prove a backup."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", default="")  # an address in the storage instead of standard input

    def work(self, **options: Any) -> None:
        backup = Backup(opened(options["from"]), settings.MASTER_KEY)
        require_full(backup)
        prove(backup, settings.MASTER_KEY)
        self.stdout.write(
            _("The backup of %(moment)s is good: it can be restored, and its log is whole.")
            % {"moment": backup.manifest.moment}
        )
