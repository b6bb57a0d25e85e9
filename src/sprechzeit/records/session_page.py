"""What pages show of a session: of each, the fields that the viewer sees (ACC-22)."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sprechzeit.access.actor import Actor
from sprechzeit.practice.queries import people_of, practice_of
from sprechzeit.records.models import Session
from sprechzeit.records.policy import fields_changed, fields_seen, may_withdraw_session
from sprechzeit.records.queries import states_of
from sprechzeit.scheduling.forms.local_time import clock_of

# How far a note is: an icon, and what it means.
STATES = {
    "signed": ("lock", _("Signed")),
    "draft": ("user-pen", _("Not saved yet")),
    "written": ("notebook-pen", _("Written")),
    "empty": ("circle-dot", _("Nothing written yet")),
}


def facts_of(actor: Actor, session: Session) -> dict[str, Any]:
    """A session in words."""
    facts = _facts(session, fields_seen(actor, session), practice_of(actor).zone)
    return facts | {
        "may_change": bool(fields_changed(actor, session)),
        "may_withdraw": may_withdraw_session(actor, session),
        "withdrawn": _withdrawn(actor, session),
    }


def _withdrawn(actor: Actor, session: Session) -> dict[str, Any] | None:
    """Who said when that it was entered by mistake."""
    if not hasattr(session, "withdrawal"):
        return None
    by, at = session.withdrawal.withdrawn_by, session.withdrawal.withdrawn_at
    return {"who": people_of(actor, [by])[by], "at": at.astimezone(practice_of(actor).zone)}


def _facts(session: Session, seen: Collection[str], zone: ZoneInfo) -> dict[str, Any]:
    starts, ends = session.starts_at, session.starts_at + timedelta(minutes=session.duration_minutes)
    minutes = ngettext("%(count)s min", "%(count)s min", session.duration_minutes)
    price = session.price_cents
    parts = {
        "kind": session.kind,
        "duration_minutes": minutes % {"count": session.duration_minutes},
        "starts_at": f"{clock_of(starts, zone)}–{clock_of(ends, zone)}",
        "practitioner": session.practitioner.name,
        "price_cents": f"{number_format(price / 100, 2, force_grouping=True)}\u00a0€" if price is not None else "",
    }
    told = [text for name, text in parts.items() if name in seen and text]
    return {
        "id": session.pk,
        "url": reverse("records:session", args=[session.pk]),
        "day": date_format(starts.astimezone(zone), "SHORT_DATE_FORMAT"),
        "long_day": date_format(starts.astimezone(zone), "WEEKDAY_DATE_FORMAT"),
        "details": " · ".join(told),
        "short": " · ".join(parts[name] for name in ("kind", "duration_minutes") if name in seen and parts[name]),
    }


def rows_of(actor: Actor, sessions: Sequence[Session]) -> list[dict[str, Any]]:
    """A patient's sessions as a list; how far a note is stands there for who may read it."""
    states, zone = states_of(actor, [one.pk for one in sessions]), practice_of(actor).zone
    # Of one patient they differ by who treated alone: asked once for each of those.
    seen = {who: fields_seen(actor, one) for who, one in {one.practitioner_id: one for one in sessions}.items()}
    # What was entered by mistake stands there and is not counted.
    standing = [one.pk for one in reversed(sessions) if not hasattr(one, "withdrawal")]
    numbers = {key: number for number, key in enumerate(standing, 1)}
    return [
        _facts(one, seen[one.practitioner_id], zone)
        | {"state": STATES.get(states.get(one.pk, "")), "number": numbers.get(one.pk)}
        for one in sessions
    ]
