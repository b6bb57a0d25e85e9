"""Whether the backups by the clock are made, and who hears of it when they are not."""

import logging
from datetime import datetime
from pathlib import Path

from django.conf import settings

from sprechzeit.core.mail import Mail, send
from sprechzeit.operations.backup.schedule import is_late, last_made_at
from sprechzeit.operations.terminal import _

_log = logging.getLogger(__name__)


def state(now: datetime) -> str:
    """ "off" when no folder is set, else "good" or "late"."""
    if not settings.BACKUP_FOLDER:
        return "off"
    return "late" if is_late(last_made_at(Path(settings.BACKUP_FOLDER)), now) else "good"


def warn_if_late(now: datetime) -> bool:
    """Tell the operator, by mail where an address is set and in the log of the program. Whether there was need to."""
    if state(now) != "late":
        return False
    folder = settings.BACKUP_FOLDER
    last = last_made_at(Path(folder))
    _log.error("the last good backup is too old: %s", last.isoformat() if last else "there is none")
    if settings.OPERATOR_MAIL:
        facts = {
            "folder": folder,
            "address": settings.PUBLIC_URL,
            "last": f"{last:%Y-%m-%d %H:%M} UTC" if last else "–",
        }
        text = _(
            "There has been no good backup of %(address)s for more than two days.\n\n"
            "Last good backup: %(last)s\nFolder: %(folder)s\n\n"
            "Look whether the folder is there and has room, then run “sprechzeit backup”; "
            "it says what stands in the way.\n"
        )
        send(
            Mail(
                key=f"backup-late-{now:%Y-%m-%d}",
                to=settings.OPERATOR_MAIL,
                subject=_("Sprechzeit: no backup for two days"),
                text=text % facts,
            )
        )
    return True
