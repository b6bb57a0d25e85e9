"""The log of messages: what was sent when, to which address, with what result (NOT-5)."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from sprechzeit.audit.queries import log_list, log_read
from sprechzeit.core.ids import parse_id
from sprechzeit.messages.actions import send_again
from sprechzeit.messages.log_page import row_of, rows_of
from sprechzeit.messages.models import Message
from sprechzeit.messages.outcomes import reason_of
from sprechzeit.messages.policy import get_message, may_send_again
from sprechzeit.messages.queries import count_failed
from sprechzeit.messages.queries.log import SPANS, STATES, Filter, count_by_state, logged_messages, messages_about
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.scheduling.policy import get_appointment
from sprechzeit.video.queries.messages import undelivered_visit_messages

PAGE = 50
SEE_OTHER = 303

_STATES: dict[str, tuple[Promise, str]] = {
    "": (gettext_lazy("All"), ""),
    "failed": (gettext_lazy("Failed"), "circle-alert"),
    "again": (gettext_lazy("Tried again"), "rotate-ccw"),
    "waiting": (gettext_lazy("Waiting"), "hourglass"),
}
_SPANS = {
    "": gettext_lazy("All days"),
    "today": gettext_lazy("Today"),
    "week": gettext_lazy("7 days"),
    "month": gettext_lazy("30 days"),
}


@require_safe
@visitor(Staff)
def deliveries(request: ActorRequest) -> HttpResponse:
    """What was sent when, to which address, with what result; failures first."""
    wanted = _filter(request)
    page = Paginator(logged_messages(request.actor, wanted), PAGE).get_page(request.GET.get("page"))
    log_list(request.actor, "messages_message", f"deliveries {page.number}", [one.pk for one in page])
    visits = undelivered_visit_messages(request.actor) if wanted.state in ("", "failed") and page.number == 1 else []
    log_list(request.actor, "video_visitmessage", "deliveries", [one.pk for one in visits])
    context = {
        "page": page,
        "visits": [
            {"message": one, "state": "failed", "label": _("Not delivered"), "why": reason_of(one.error)}
            for one in visits
        ],
        "zone": practice_of(request.actor).zone,
        "rows": rows_of(page, practice_of(request.actor).zone),
        "may_send_again": may_send_again(request.actor),
        "failed": count_failed(request.actor),
        **_choices(request, wanted),
    }
    return render(request, "messages/deliveries.html", context)


def _filter(request: ActorRequest) -> Filter:
    asked = request.GET
    return Filter(
        asked.get("state", "") if asked.get("state") in STATES else "",
        asked.get("span", "") if asked.get("span") in SPANS else "",
        asked.get("channel", "") if asked.get("channel") in Message.WAYS else "",
    )


def _choices(request: ActorRequest, wanted: Filter) -> dict[str, Any]:
    counts = count_by_state(request.actor, wanted)
    states = [
        {
            "label": label,
            "icon": icon,
            "count": counts.get(state, 0),
            "url": _address(state, wanted.span, wanted.channel),
            "current": state == wanted.state,
        }
        for state, (label, icon) in _STATES.items()
    ]
    ways = [("", _("E-mail and SMS")), *((str(one), str(one.label)) for one in Message.WAYS)]
    return {
        "states": states,
        "spans": [(key, label, key == wanted.span) for key, label in _SPANS.items()],
        "ways": [(key, label, key == wanted.channel) for key, label in ways],
        "wanted": wanted,
        "failed_url": _address("failed"),
        "more": urlencode({"state": wanted.state, "span": wanted.span, "channel": wanted.channel}),
    }


def _address(state: str, span: str = "", channel: str = "") -> str:
    asked = {name: value for name, value in (("state", state), ("span", span), ("channel", channel)) if value}
    return reverse("messages:deliveries") + (f"?{urlencode(asked)}" if asked else "")


@require_safe
@visitor(Staff)
def message(request: ActorRequest, message_id: str) -> HttpResponse:
    """One message, with what it said."""
    found = get_message(request.actor, parse_id(message_id))
    log_read(request.actor, found.practice_id, "messages_message", found.pk)
    context = {
        "row": row_of(found, practice_of(request.actor).zone),
        "message": found,
        "failed": count_failed(request.actor),
        "may_send_again": may_send_again(request.actor),
    }
    return render(request, "messages/message.html", context)


@require_safe
@visitor(Staff)
def appointment_messages(request: ActorRequest, appointment_id: str) -> HttpResponse:
    """What was sent about one appointment: a part of its details in the book."""
    appointment = get_appointment(request.actor, parse_id(appointment_id))
    found = messages_about(request.actor, appointment)
    log_list(request.actor, "messages_message", "of appointment", [one.pk for one in found])
    context = {"rows": rows_of(found, practice_of(request.actor).zone), "may_send_again": may_send_again(request.actor)}
    return render(request, "messages/appointment_messages.html", context)


@require_POST
@visitor(Staff)
def again(request: ActorRequest, message_id: str) -> HttpResponse:
    """A message that could not be delivered is tried once more (NOT-1)."""
    send_again(request.actor, parse_id(message_id))
    messages.success(request, _("The message is being sent again."))
    return HttpResponseRedirect(reverse("messages:deliveries"), status=SEE_OTHER)
