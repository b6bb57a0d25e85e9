"""Whether the backups by the clock are made, and who hears of it when they are not."""

import logging
from datetime import datetime

from django.conf import settings
from django.core.cache import cache

from sprechzeit.core.mail import Mail, send
from sprechzeit.operations.backup.folder import Folder
from sprechzeit.operations.backup.schedule import is_late, last_made_at
from sprechzeit.operations.backup.targets import Target, by_the_clock
from sprechzeit.operations.errors import CannotRun
from sprechzeit.operations.terminal import _

_log = logging.getLogger(__name__)


_SEEN = "operations.last_backup"


def state(now: datetime) -> str:
    """ "off" when no place is set for them, else "good" or "late". Asks no storage: whoever looks in must not wait."""
    target = by_the_clock()
    if target is None:
        return "off"
    last = last_made_at(target) if isinstance(target, Folder) else cache.get(_SEEN)
    return "late" if is_late(last, now) else "good"


def remember(last: datetime | None) -> None:
    """When the last good backup was made, as it was seen in the storage just now."""
    cache.set(_SEEN, last, timeout=None)


def warn_if_late(now: datetime) -> bool:
    """Tell the operator, by mail where an address is set and in the log of the program. Whether there was need to."""
    target = by_the_clock()
    if target is None:
        return False
    last = _last_seen(target)
    if not is_late(last, now):
        return False
    _log.error("the last good backup is too old: %s", last.isoformat() if last else "there is none")
    if settings.OPERATOR_MAIL:
        facts = {
            "folder": target,
            "address": settings.PUBLIC_URL,
            "last": f"{last:%Y-%m-%d %H:%M} UTC" if last else "–",
        }
        text = _(
            "There has been no good backup of %(address)s for more than two days.\n\n"
            "Last good backup: %(last)s\nPlace: %(folder)s\n\n"
            "Look whether it is there and has room, then run “sprechzeit backup”; "
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


def _last_seen(target: Target) -> datetime | None:
    """Storage that cannot be asked has none, as a folder that is away."""
    try:
        return last_made_at(target)
    except CannotRun as error:
        _log.warning("the backups cannot be asked for: %s", error)
        return None
