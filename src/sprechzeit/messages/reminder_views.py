"""Messages → Reminders: when patients are reminded, and whether messages go out at all (NOT-4, NOT-6)."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.access.table import Data, Reach
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.messages.actions.reminders import (
    add_reminder,
    change_reminder,
    remove_reminder,
    switch_messages,
    switch_reminder,
)
from sprechzeit.messages.errors import ReminderThere
from sprechzeit.messages.models import Reminder
from sprechzeit.messages.policy import get_reminder
from sprechzeit.messages.queries import count_failed
from sprechzeit.messages.queries.reminders import reminders_in_order
from sprechzeit.messages.reminder_form import HOURS_A_DAY, ReminderForm
from sprechzeit.messages.template_events import Channel, TemplateKey
from sprechzeit.messages.template_page import address_of
from sprechzeit.practice.forms import once_per_form
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.practice.queries import practice_of, sends_sms
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.scheduling.queries.video import types_by_video
from sprechzeit.ui.settings import form_key, saved

UNPROCESSABLE = 422


@require_safe
@visitor(Staff)
def reminders(request: ActorRequest) -> HttpResponse:
    """All of them, by type, and the practice's switches."""
    return _page(request)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def new_reminder(request: ActorRequest) -> HttpResponse:
    """One more."""
    require(may_change_practice(request.actor), NotAllowed)
    form = ReminderForm(_sent(request), actor=request.actor, initial={"type": request.GET.get("type", "")})
    if request.method == "POST" and form.is_valid():
        wanted = form.wanted()

        def make(new: UUID) -> None:
            add_reminder(request.actor, wanted, reminder_id=new)

        try:
            once_per_form(request.actor, "reminder", request.POST, make)
            return saved(request, reverse("messages:reminders"))
        except ReminderThere as there:
            form.add_error("count", str(there))
    return _form(request, form, reverse("messages:new_reminder"), key=request.POST.get("key", "") or form_key())


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def reminder(request: ActorRequest, reminder_id: str) -> HttpResponse:
    """Its time and its way."""
    require(may_change_practice(request.actor), NotAllowed)
    found = get_reminder(request.actor, parse_id(reminder_id))
    form = ReminderForm(_sent(request), actor=request.actor, found=found)
    if request.method == "POST" and form.is_valid():
        wanted = form.wanted()
        try:
            change_reminder(request.actor, found.pk, wanted.hours_before, wanted.channel)
            return saved(request, reverse("messages:reminders"))
        except ReminderThere as there:
            form.add_error("count", str(there))
    return _form(request, form, reverse("messages:reminder", args=[found.pk]), found=found)


@require_POST
@visitor(Staff)
def reminder_switch(request: ActorRequest, reminder_id: str) -> HttpResponse:
    """On or off."""
    on = request.POST.get("on") == "yes"
    switch_reminder(request.actor, parse_id(reminder_id), on=on)
    said = _("The reminder is on.") if on else _("The reminder is off.")
    return saved(request, reverse("messages:reminders"), said)


@require_POST
@visitor(Staff)
def reminder_removal(request: ActorRequest, reminder_id: str) -> HttpResponse:
    """No more."""
    remove_reminder(request.actor, parse_id(reminder_id))
    return saved(request, reverse("messages:reminders"), _("The reminder is removed."))


@require_POST
@visitor(Staff)
def switches(request: ActorRequest) -> HttpResponse:
    """Whether messages about appointments go out at all."""
    named = {"to_patients": "patients", "to_practitioners": "practitioners"}
    switch_messages(request.actor, **{name: request.POST.get(sent) == "yes" for name, sent in named.items()})
    return saved(request, reverse("messages:reminders"))


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def words_of(found: Reminder) -> str:
    """'7 days before', '24 hours before'."""
    days, rest = divmod(found.hours_before, HOURS_A_DAY)
    if days > 1 and not rest:
        return ngettext("%(count)s day before", "%(count)s days before", days) % {"count": days}
    hours = found.hours_before
    return ngettext("%(count)s hour before", "%(count)s hours before", hours) % {"count": hours}


def _row(request: ActorRequest, found: Reminder) -> dict[str, Any]:
    by_sms = found.channel == Channel.SMS
    key = TemplateKey("reminder", found.channel, practice_of(request.actor).language, found.type_id)
    return {
        "reminder": found,
        "label": f"{words_of(found)}, {found.get_channel_display()}",
        "icon": "message-square" if by_sms else "mail",
        "detail": _("where there is a mobile number, else by e-mail") if by_sms else _("with the link to cancel"),
        "text_url": address_of(key),
    }


def _groups(request: ActorRequest) -> list[dict[str, Any]]:
    groups: dict[Any, dict[str, Any]] = {None: {"type": None, "rows": []}}
    for found in reminders_in_order(request.actor):
        groups.setdefault(found.type_id, {"type": found.type, "rows": []})["rows"].append(_row(request, found))
    return list(groups.values())


def _page(request: ActorRequest) -> HttpResponse:
    require(request.actor.reach(Data.MESSAGES) is not Reach.NONE, NotAllowed)
    groups = _groups(request)
    on = [row["reminder"] for one in groups for row in one["rows"] if row["reminder"].is_on]
    context = {
        "groups": groups,
        "practice": practice_of(request.actor),
        "may_change": may_change_practice(request.actor),
        "by_video": types_by_video(request.actor),
        "failed": count_failed(request.actor),
        "lacks_gateway": any(one.channel == Channel.SMS for one in on) and not sends_sms(request.actor),
    }
    return render(request, "messages/reminders.html", context)


def _form(
    request: ActorRequest, form: ReminderForm, url: str, *, found: Reminder | None = None, key: str = ""
) -> HttpResponse:
    context = {"form": form, "url": url, "key": key, "found": found, "failed": count_failed(request.actor)}
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "messages/reminder.html", context, status=status)
