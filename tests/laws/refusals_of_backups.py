"""Whom the actions of one's own backup refuse."""

from collections.abc import Callable
from typing import TypeVar

from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.operations import actions as backups
from tests.support.cast import House

R = TypeVar("R")


def of_backups(house: House, refusal: Callable[..., R]) -> list[R]:
    """A backup is its maker's; the program alone makes it."""
    jonas = house.actor("jonas")
    return [
        refusal(NotAllowed, house.system, backups.ask_for_backup),
        refusal(NotFound, jonas, backups.take_backup, new_id()),
        refusal(NotFound, jonas, backups.remove_backup, new_id()),
        refusal(NotAllowed, jonas, backups.keep_piece, new_id(), 1, b""),
        refusal(NotAllowed, jonas, backups.note_backup_made, new_id(), backups.Archive("", False, 0, 0, 0)),
        refusal(NotAllowed, jonas, backups.note_backup_failed, new_id()),
    ]
