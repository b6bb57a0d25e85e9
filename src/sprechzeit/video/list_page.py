"""The list of today's consultations, in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.models import Block
from sprechzeit.scheduling.policy import may_hold
from sprechzeit.scheduling.queries.video import joining_of
from sprechzeit.ui.initials import initials
from sprechzeit.video.addresses import call_url
from sprechzeit.video.models import Seat
from sprechzeit.video.models.consultations import MOST_TRIES
from sprechzeit.video.queries.consultation import Listed, Meeting, todays_consultations

COLOURS = 8


@dataclass(frozen=True, slots=True)
class State:
    """What is said of a consultation: how it looks (a class and an icon), what, and more about it."""

    look: str
    icon: str
    text: str
    more: str = ""


def list_context(actor: Actor, now: datetime) -> dict[str, Any]:
    """What the page shows."""
    zone = practice_of(actor).zone
    listed = todays_consultations(actor, now)
    waiting = [_waiting(one, now, zone) for one in listed if one.waits and may_hold(actor, one.meeting.calendar)]
    shown = {one["id"] for one in waiting}
    rest = [_row(actor, one, now, zone) for one in listed if one.meeting.id not in shown]
    return {
        "today": now.astimezone(zone),
        "may_enter": actor.reach(Data.APPOINTMENTS, Use.WRITE) is not Reach.NONE,
        "waiting": waiting,
        "rows": rest,
        "several": len({one.meeting.calendar.pk for one in listed}) > 1,
    }


def waiting_elsewhere(actor: Actor, now: datetime, *, but: UUID) -> list[dict[str, Any]]:
    """Who waits at another consultation that the actor holds."""
    zone = practice_of(actor).zone
    others = (one for one in todays_consultations(actor, now) if one.waits and one.meeting.id != but)
    return [_waiting(one, now, zone) for one in others if may_hold(actor, one.meeting.calendar)]


def _facts(meeting: Meeting, zone: ZoneInfo) -> dict[str, Any]:
    kind = _("From another booking system") if isinstance(meeting.of, Block) else meeting.of.type.name
    return {
        "id": meeting.id,
        "name": meeting.name,
        "initials": initials(*meeting.name.split()[:1], *meeting.name.split()[1:][-1:]),
        "colour": meeting.id.int % COLOURS + 1,
        "kind": kind,
        "calendar": meeting.calendar.name,
        "starts_at": meeting.starts_at.astimezone(zone),
        "ends_at": meeting.ends_at.astimezone(zone),
        "url": call_url(meeting),
    }


def _waiting(one: Listed, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    return _facts(one.meeting, zone) | {"since": since_words(one.patient, now)}


def since_words(patient: Seat | None, now: datetime) -> str:
    """How long a patient has been waiting."""
    minutes = int((now - patient.since).total_seconds() // 60) if patient else 0
    if minutes < 1:
        return _("In the waiting room just now")
    words = ngettext(
        "In the waiting room for %(minutes)s minute", "In the waiting room for %(minutes)s minutes", minutes
    )
    return words % {"minutes": minutes}


def _row(actor: Actor, one: Listed, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    meeting = one.meeting
    joining = joining_of(meeting.video)
    return _facts(meeting, zone) | {
        "state": _state(one, now, zone),
        "is_locked": meeting.is_locked,
        # The TAN stands behind the '#', which no browser sends: it is in no log on the way.
        "link": "" if meeting.opening.is_over(now) else f"{joining.url}#tan={joining.tan}",
        "may_hold": may_hold(actor, meeting.calendar) and not meeting.opening.is_over(now),
    }


def _state(one: Listed, now: datetime, zone: ZoneInfo) -> State:
    consultation = one.meeting.consultation
    if consultation and consultation.locked_at:
        at = consultation.locked_at.astimezone(zone)
        more = _("%(count)s wrong tries at %(clock)s") % {"count": MOST_TRIES, "clock": f"{at:%H:%M}"}
        return State("error", "lock", _("TAN locked"), more)
    if one.patient:
        match one.patient.state:
            case Seat.State.TALKING:
                return State("ok", "video", _("in the call"))
            case Seat.State.WAITING:
                return State("ok", "circle-dot", since_words(one.patient, now))
            case _:
                return State("warn", "settings-2", _("is checking camera and sound"))
    if consultation and consultation.ended_at:
        at = consultation.ended_at.astimezone(zone)
        return State("muted", "check", _("call ended"), _("Ended at %(clock)s") % {"clock": f"{at:%H:%M}"})
    opening = one.meeting.opening
    if opening.is_over(now):
        return State("muted", "clock", _("link expired"))
    opens = opening.opens_at.astimezone(zone)
    more = _("Link opens at %(clock)s") % {"clock": f"{opens:%H:%M}"} if opening.is_early(now) else ""
    return State("muted", "clock", _("not there yet"), more)
