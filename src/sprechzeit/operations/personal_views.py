"""The page "Your backup": have one made, see how far it is, take it, delete it (OPS-20)."""

import io
from collections.abc import Iterator
from functools import partial
from typing import IO, Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach
from sprechzeit.accounts.fresh import require_fresh
from sprechzeit.core.ids import parse_id
from sprechzeit.core.limits import Limit
from sprechzeit.operations.actions import KEPT, ask_for_backup, remove_backup, take_backup
from sprechzeit.operations.backup.archive import FRAME
from sprechzeit.operations.backup.sealed import Opening
from sprechzeit.operations.models import PersonalBackup
from sprechzeit.operations.personal.making import progress_of
from sprechzeit.operations.policy import get_backup, rights_of, sees_everything
from sprechzeit.operations.queries import own_backups, pieces_of
from sprechzeit.operations.refusals import BackupUnderWay
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor

# Asked for and deleted and asked for again: a day has room for as many as anybody needs.
A_DAY = Limit("personal_backup", 10, 24 * 3600)
SHOWN = 20
HOLDS: tuple[tuple[Data, Promise], ...] = (
    (Data.MASTER_DATA, gettext_lazy("Master data of patients")),
    (Data.APPOINTMENTS, gettext_lazy("Appointments")),
    (Data.SESSIONS, gettext_lazy("Sessions")),
    (Data.NOTES, gettext_lazy("Session notes")),
    (Data.DOCUMENTS, gettext_lazy("Documents")),
    (Data.MESSAGES, gettext_lazy("Messages")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def backups(request: ActorRequest) -> HttpResponse:
    """The page; a POST has a backup made, after a sign-in of the last minutes."""
    if request.method != "POST":
        return render(request, "operations/backup.html", _page(request))
    require_fresh(request)
    A_DAY.attempt(request.actor.name)
    try:
        ask_for_backup(request.actor)
    except BackupUnderWay as error:
        return render(request, "operations/backup.html", _page(request) | {"refused": error.message}, status=409)
    return HttpResponseRedirect(reverse("personal_backup:backups"), status=303)


@require_safe
@visitor(Staff)
def archives(request: ActorRequest) -> HttpResponse:
    """The list alone, for the page that waits for one."""
    return render(request, "operations/backup.html#archives", _list(request))


@require_safe
@visitor(Staff)
def file(request: ActorRequest, backup_id: str) -> HttpResponse:
    """The archive, piece by piece, after a sign-in of the last minutes. That it leaves is logged first."""
    backup = get_backup(request.actor, parse_id(backup_id))
    require_fresh(request)
    take_backup(request.actor, backup.pk)
    practice = practice_of(request.actor)
    day = timezone.now().astimezone(practice.zone).date()
    response = StreamingHttpResponse(_opened(request.actor, backup), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{practice.slug}-{day:%Y-%m-%d}.zip"'
    response["Content-Length"] = str(backup.size)
    return cast(HttpResponse, response)


@require_POST
@visitor(Staff)
def removal(request: ActorRequest, backup_id: str) -> HttpResponse:
    """Delete it before its day is over."""
    remove_backup(request.actor, parse_id(backup_id))
    messages.success(request, _("The archive is deleted."))
    return HttpResponseRedirect(reverse("personal_backup:backups"), status=303)


def _opened(actor: Actor, backup: PersonalBackup) -> Iterator[bytes]:
    """What is sealed in its pieces; none of it is ever on a disk in the clear."""
    sealed = cast(IO[bytes], _Pieces(pieces_of(actor, backup)))
    opened = io.BufferedReader(Opening(sealed, lambda _id: settings.MASTER_KEY), FRAME)
    return iter(partial(opened.read, FRAME), b"")


class _Pieces:
    """Pieces as one file that is read once."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._waiting = pieces, bytearray()

    def seek(self, place: int) -> None:
        """It is at its beginning."""

    def read(self, count: int) -> bytes:
        """As many bytes as there are, and at most `count`."""
        while len(self._waiting) < count and (piece := next(self._pieces, b"")):
            self._waiting += piece
        taken = bytes(self._waiting[:count])
        del self._waiting[:count]
        return taken


def _page(request: ActorRequest) -> dict[str, Any]:
    return _list(request) | {"holds": list(_holds(request.actor)), "is_whole": sees_everything(request.actor)}


def _list(request: ActorRequest) -> dict[str, Any]:
    zone, rights = practice_of(request.actor).zone, rights_of(request.actor)
    rows = [_row(one, zone, rights) for one in own_backups(request.actor)[:SHOWN]]
    under_way = next((row for row in rows if row["state"] == "under way"), None)
    return {"done": [row for row in rows if row is not under_way], "under_way": under_way}


def _row(one: PersonalBackup, zone: ZoneInfo, rights: str) -> dict[str, Any]:
    until = one.made_at + KEPT if one.made_at else None
    if one.failed_at:
        state = "failed"
    elif until is None:
        state = "under way"
    elif one.removed_at or until < timezone.now():
        state = "gone"
    else:
        state = "ready" if one.rights == rights else "closed"
    return {
        "one": one,
        "asked_at": one.asked_at.astimezone(zone),
        "until": until.astimezone(zone) if until else None,
        "state": state,
        "percent": progress_of(one.pk) if state == "under way" else 0,
    }


def _holds(actor: Actor) -> Iterator[tuple[bool, str | Promise]]:
    """What is in it and what is not, in the words of the one table."""
    for data, words in HOLDS:
        reach = actor.reach(data)
        if reach is Reach.NONE:
            yield False, words
        else:
            yield True, words if reach is Reach.ALL else format_lazy(_("{what}: yours and shared"), what=words)
