"""`restore_backup`: restore the backup at standard input, whose key is the environment's master key."""

import os
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import CommandParser

from sprechzeit.operations.account import Account
from sprechzeit.operations.backup import keys, restore
from sprechzeit.operations.backup.archive import Backup
from sprechzeit.operations.backup.bucket import opened
from sprechzeit.operations.errors import NotRestored
from sprechzeit.operations.installation import URLS
from sprechzeit.operations.management.plain import PlainCommand
from sprechzeit.operations.supervisor import manage, say
from sprechzeit.operations.terminal import _


class Command(PlainCommand):
    help = "Restore a backup into an empty installation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", default="")  # an address in the storage instead of standard input
        parser.add_argument("--keep-key")  # the file that keeps the master key from now on

    def work(self, **options: Any) -> None:
        say(_("Reading the backup …"))
        backup = Backup(opened(options["from"]), settings.MASTER_KEY)
        restore.require_full(backup)
        restore.require_not_newer(backup.manifest)
        owner = os.environ.get(URLS["owner"])
        if not owner:
            raise NotRestored(_("%(name)s is missing.") % {"name": URLS["owner"]})
        try:
            self._restore(backup, owner, options["keep_key"])
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            raise NotRestored(
                _("The database does not answer, or ended in between (%(reason)s). Run the same command again.")
                % {"reason": reason}
            ) from error
        except OSError as error:
            raise NotRestored(
                _("Files could not be written (%(reason)s). Put that right and run the same command again.")
                % {"reason": error}
            ) from error

    def _restore(self, backup: Backup, owner: str, keep_key: str | None) -> None:
        is_loaded = restore.begin(owner, backup)
        if keep_key:
            # Before the data: without it what is sealed in there could not be read.
            keys.keep_master(Path(keep_key), settings.MASTER_KEY)
        say(_("Going on with the restore that was interrupted …") if is_loaded else _("Loading the database …"))
        restore.restore_files(restore.home(), backup, owner, is_loaded=is_loaded)
        say(_("Bringing it to the state of this version …"))
        myself = Account(os.geteuid(), os.getegid(), other=False)
        manage(["migrate", "--no-input", "--verbosity", "0"], {**os.environ, URLS["app"]: owner}, myself)
        # Before the mark is gone, so that nobody uses what was deleted since the backup was made (PRI-20).
        say(_("Deleting what is over …"))
        manage(["forget_old"], os.environ, myself)
        put_away = restore.finish(owner)
        self._say(backup, put_away)

    def _say(self, backup: Backup, put_away: list[tuple[str, int]]) -> None:
        say(_("Restored: everything as it was at %(moment)s.") % {"moment": backup.manifest.moment})
        if put_away:
            say(_("Not done, since it is over; messages to patients stand under “Messages”:"))
            for task, count in put_away:
                say(f"  {task}: {count}")
        say(_("Everybody has to sign in anew. Start with: sprechzeit run"))
