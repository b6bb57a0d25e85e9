"""The delivery log (NOT-5)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sprechzeit.audit.queries import log_list
from sprechzeit.core.ids import parse_id
from sprechzeit.messages.actions import send_again
from sprechzeit.messages.policy import may_send_again, visible_messages
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor

PAGE = 50
SEE_OTHER = 303


@require_safe
@visitor(Staff)
def deliveries(request: ActorRequest) -> HttpResponse:
    """What was sent when, to which address, with what result; failures first."""
    found = (
        visible_messages(request.actor)
        .select_related("appointment", "appointment__patient", "appointment__type", "appointment__calendar")
        .defer("text")
        .order_by(F("failed_at").desc(nulls_last=True), "-created_at")
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    log_list(request.actor, "messages_message", f"deliveries {page.number}", [one.pk for one in page])
    zone = practice_of(request.actor).zone
    context = {"page": page, "zone": zone, "may_send_again": may_send_again(request.actor)}
    return render(request, "messages/deliveries.html", context)


@require_POST
@visitor(Staff)
def again(request: ActorRequest, message_id: str) -> HttpResponse:
    """A message that could not be delivered is tried once more (NOT-1)."""
    send_again(request.actor, parse_id(message_id))
    messages.success(request, _("The message is being sent again."))
    return HttpResponseRedirect(reverse("messages:deliveries"), status=SEE_OTHER)
