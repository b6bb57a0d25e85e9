"""The calendars of several practices that somebody has accesses to, in one book (ACC-24)."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import cast

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sprechzeit.accounts.models import User
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.named import naming
from sprechzeit.practice.visitors import Access, ActorRequest, SignedInUser, accesses_of, visitor
from sprechzeit.scheduling.book_page.address import day_said
from sprechzeit.scheduling.book_page.beside import beside_page


@require_safe
@visitor(SignedInUser)
def beside(request: ActorRequest) -> HttpResponse:
    """One day of all of them; each column is fetched and changed at addresses that name its practice."""
    user = cast(User, request.user)
    accesses = accesses_of(user)
    locked = [one.practice_name for one in user.workplaces if one.is_access and one.wants_factor]
    require(bool(accesses or locked), NotFound)
    day: date | None = day_said(request.GET.get("day", ""))
    calendar = request.GET.get("calendar", "")
    page = beside_page(accesses, day, parse_id(calendar) if calendar else None)
    context = {
        "beside": page,
        "book": page.frame,
        "locked": locked,
        "live_url": page.live_url,
        "memberships": user.workplaces,
        "beside_url": request.path,
        "is_beside": True,
        "navigation": [
            {"label": _("Side by side"), "url": request.path, "icon": "columns-3", "current": True},
            *_own_books(accesses),
        ],
    }
    return render(request, "scheduling/beside.html", context)


def _own_books(accesses: Iterable[Access]) -> Iterator[dict[str, object]]:
    """The way to each practice's own book."""
    for one in accesses:
        with naming(one.actor.practice_id):
            yield {"label": one.practice_name, "url": reverse("scheduling:book"), "icon": "calendar-days"}
