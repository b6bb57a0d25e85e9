"""`restore_practice`: bring back the practice of an administrator's backup, which comes at standard input."""

import os
import sys
from typing import Any

import psycopg
from django.conf import settings

from sprechzeit.operations.account import Account
from sprechzeit.operations.backup.archive import Backup
from sprechzeit.operations.backup.restore import home
from sprechzeit.operations.errors import NotRestored
from sprechzeit.operations.installation import URLS
from sprechzeit.operations.management.plain import PlainCommand
from sprechzeit.operations.personal.restore import restore_practice, sealed_part
from sprechzeit.operations.supervisor import manage, say
from sprechzeit.operations.terminal import _


class Command(PlainCommand):
    help = "Restore one practice."

    def work(self, **options: Any) -> None:
        owner = os.environ.get(URLS["owner"])
        if not owner:
            raise NotRestored(_("%(name)s is missing.") % {"name": URLS["owner"]})
        say(_("Reading the backup …"))
        try:
            with sealed_part(sys.stdin.buffer) as part:
                backup = Backup(part, settings.MASTER_KEY)
                # An installation that was never started has no tables yet.
                myself = Account(os.geteuid(), os.getegid(), other=False)
                manage(["migrate", "--no-input", "--verbosity", "0"], {**os.environ, URLS["app"]: owner}, myself)
                name = restore_practice(owner, home(), backup)
                # What was over meanwhile is not to come back with it (PRI-20).
                manage(["forget_old"], os.environ, myself)
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            raise NotRestored(
                _("Nothing was restored: the database does not answer, or refused it (%(reason)s).")
                % {"reason": reason}
            ) from error
        say(_("Restored: “%(name)s”, as it was at %(moment)s.") % {"name": name, "moment": backup.manifest.moment})
        say(_("Nothing old is sent. Who has no password here sets one with “Forgot password” on the sign-in page."))
