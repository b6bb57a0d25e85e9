"""Who can see a patient next."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sprechzeit.core.ids import parse_id
from sprechzeit.practice.visitors import ActorRequest, StaffAndDelegates, visitor
from sprechzeit.scheduling.next_free_page import next_free_context
from sprechzeit.scheduling.policy import get_type


@require_safe
@visitor(StaffAndDelegates)
def next_free(request: ActorRequest) -> HttpResponse:
    """The next free time of each calendar for a type (CAL-11); `type`: its id, by default the first."""
    wanted = request.GET.get("type")
    chosen = get_type(request.actor, parse_id(wanted)) if wanted else None
    return render(request, "scheduling/next_free.html", next_free_context(request.actor, chosen))
