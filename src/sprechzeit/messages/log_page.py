"""A message as the log shows it (NOT-5)."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sprechzeit.messages.models import Message
from sprechzeit.messages.outcomes import reason_of
from sprechzeit.messages.template_events import Channel

KEPT = 4
"""How many digits at the end of a number a list shows."""


def rows_of(messages: Iterable[Message], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Each as a row: when, to whom, by which way, and what became of it."""
    return [row_of(one, zone) for one in messages]


def row_of(message: Message, zone: ZoneInfo) -> dict[str, Any]:
    """One row. `state`: the badge's; `why`: what a person can do something about."""
    moment = message.sent_at or message.failed_at or message.created_at
    is_sms = message.channel == Channel.SMS
    return {
        "message": message,
        "when": _short(moment, zone),
        "icon": "message-square" if is_sms else "mail",
        "to": hidden(message.address) if is_sms else message.address or "–",
        "state": _state(message),
        "label": _label(message, zone),
        "why": _why(message, zone),
    }


def hidden(number: str) -> str:
    """A phone number in a list: its beginning and its end."""
    return f"{number[:6]} ••• {number[-KEPT:]}" if len(number) > KEPT + 6 else number or "–"


def _state(message: Message) -> str:
    if message.failed_at:
        return "failed"
    if message.withdrawn_at:
        return "withdrawn"
    if message.sent_at:
        return "sent"
    return "again" if message.attempts else "waiting"


def _label(message: Message, zone: ZoneInfo) -> str:
    match _state(message):
        case "failed":
            return _("Not delivered")
        case "withdrawn":
            return _("Not sent")
        case "sent":
            return _("Sent")
        case "again" if message.next_at and message.next_at > timezone.now():
            return _("New attempt at %(time)s") % {"time": _short(message.next_at, zone)}
        case "again":
            return _("Is tried again")
        case _:
            return _("Waits for the video link") if message.waits_for_link else _("Waiting")


def _why(message: Message, zone: ZoneInfo) -> str:
    state, told = _state(message), [reason_of(message.error)]
    if state == "withdrawn" and not message.error:
        return _("no longer needed")
    if state in ("failed", "again") and message.attempts:
        attempts = ngettext("%(count)s attempt", "%(count)s attempts", message.attempts)
        told.append(attempts % {"count": message.attempts})
    return " · ".join(filter(None, told))


def _short(moment: Any, zone: ZoneInfo) -> str:
    """Of today the time, else the day too."""
    local = moment.astimezone(zone)
    is_today = local.date() == timezone.now().astimezone(zone).date()
    return date_format(local, "CLOCK_FORMAT" if is_today else "SHORT_DATETIME_FORMAT")
