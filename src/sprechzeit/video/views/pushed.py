"""What stands behind a block that a booking system pushed (VID-2)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sprechzeit.audit.queries import log_read
from sprechzeit.core.errors import NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, StaffAndDelegates, visitor
from sprechzeit.scheduling.policy import get_block, may_hold
from sprechzeit.video.models import Visit
from sprechzeit.video.queries.visits import joined_by, visit_of


@require_safe
@visitor(StaffAndDelegates)
def pushed(request: ActorRequest, block_id: str) -> HttpResponse:
    """Contact, link and TAN; a part of the block's details."""
    block = get_block(request.actor, parse_id(block_id))
    visit = visit_of(request.actor, block)
    if visit is None:
        raise NotFound
    log_read(request.actor, visit.practice_id, Visit._meta.db_table, visit.pk)
    context = {
        "visit": visit,
        "block_id": block.pk,
        "may_hold": may_hold(request.actor, block.calendar),
        "joining": joined_by(request.actor, visit),
        "writes": practice_of(request.actor).video_mails,
        "as_page": not request.headers.get("HX-Request"),
    }
    return render(request, "video/pushed.html" + ("" if context["as_page"] else "#visit"), context)
