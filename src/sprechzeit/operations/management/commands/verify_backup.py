"""`verify_backup`: prove the backup at standard input, whose key is the environment's master key."""

import sys
from typing import Any

from django.conf import settings

from sprechzeit.operations.backup.archive import Backup
from sprechzeit.operations.backup.verify import prove
from sprechzeit.operations.management.plain import PlainCommand
from sprechzeit.operations.terminal import _


class Command(PlainCommand):
    help = "Prove a backup."

    def work(self, **options: Any) -> None:
        backup = Backup(sys.stdin.buffer, settings.MASTER_KEY)
        prove(backup, settings.MASTER_KEY)
        self.stdout.write(
            _("The backup of %(moment)s is good: it can be restored, and its log is whole.")
            % {"moment": backup.manifest.moment}
        )
