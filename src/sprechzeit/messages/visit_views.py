"""What who comes to a pushed appointment was told by the video side, in the details of its block (VID-5, NOT-5)."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sprechzeit.core.ids import parse_id
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.scheduling.policy import get_block
from sprechzeit.video.actions.messages import tell_visit_again
from sprechzeit.video.errors import NothingToTell
from sprechzeit.video.policy import may_write_messages
from sprechzeit.video.queries.messages import messages_of_visit

SEE_OTHER = 303


@require_safe
@visitor(Staff)
def visit_messages(request: ActorRequest, block_id: str) -> HttpResponse:
    """Its messages, the latest first; and whether more are written at all."""
    block = get_block(request.actor, parse_id(block_id))
    context = {
        "block_id": block.pk,
        "found": messages_of_visit(request.actor, block.pk),
        "writes": practice_of(request.actor).video_mails,
        "may_send_again": may_write_messages(request.actor),
        "zone": practice_of(request.actor).zone,
        "as_page": not request.headers.get("HX-Request"),
    }
    return render(request, "messages/visit_messages.html" + ("" if context["as_page"] else "#messages"), context)


@require_POST
@visitor(Staff)
def visit_telling(request: ActorRequest, block_id: str) -> HttpResponse:
    """What could not be delivered is tried once more, as the appointment is now; also that it is cancelled."""
    wanted = parse_id(block_id)
    try:
        tell_visit_again(request.actor, wanted)
        messages.success(request, _("The message is being sent again."))
    except NothingToTell as refused:
        messages.error(request, str(refused))
    if "log" in request.POST:
        return HttpResponseRedirect(reverse("messages:deliveries"), status=SEE_OTHER)
    block = get_block(request.actor, wanted)
    day = block.starts_at.astimezone(practice_of(request.actor).zone).date()
    return HttpResponseRedirect(f"{reverse('scheduling:book')}?day={day:%Y-%m-%d}", status=SEE_OTHER)
