"""What a booking partner did, was told and was refused, for administrators (OTV-1, PAT-22, AUD-4)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sprechzeit.audit.policy import may_read_log
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.partner_page import name_of, partner_frame
from sprechzeit.practice.policy import get_partner, may_change_practice
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.privacy.cursors import cursor_of, place_of
from sprechzeit.privacy.partner_log import handed_days, totals, troubles_of
from sprechzeit.privacy.queries import Wish, read_log
from sprechzeit.privacy.words import lines_of


@require_safe
@visitor(Staff)
def partner_log(request: ActorRequest, partner_id: str) -> HttpResponse:
    """The log of one partner, newest first, and what of it an administrator has to look at."""
    require(may_change_practice(request.actor) and may_read_log(request.actor), NotAllowed)
    found = get_partner(request.actor, parse_id(partner_id))
    before = place_of(request.GET.get("before", ""))
    page = read_log(request.actor, Wish(who=name_of(found), before=before))
    handed, troubles = handed_days(request.actor, found), troubles_of(request.actor, found)
    frame = partner_frame(request.actor, found, "privacy:partner_log")
    context = frame | {
        "lines": lines_of(request.actor, page.entries),
        "older": f"?before={cursor_of(page.older)}" if page.older else "",
        "newest": before is not None,
        "handed": handed,
        "troubles": troubles,
        "totals": totals(frame["calls"], handed, troubles),
    }
    return render(request, "privacy/partner_log.html", context)
