"""What a booking partner did, was handed and was refused, as its page shows it (OTV-1, PAT-22, AUD-4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor
from sprechzeit.core.limits import Counted
from sprechzeit.practice.models import Partner
from sprechzeit.practice.partner_page import name_of
from sprechzeit.practice.queries import practice_of
from sprechzeit.privacy.queries import Handing, Refusals, handings_of, refusals_of

DAYS = 7
MOST_CODES = 30

# What to do about a refusal, by its code: for the practice, where the contract tells the portal's people.
REMEDIES: dict[str, Promise] = {
    "signature_missing": _("A call without a signature. The portal’s people have to look at their program."),
    "signature_unreadable": _("The signature cannot be read. The portal’s people have to look at their program."),
    "signature_incomplete": _("The signature leaves something out. The portal’s people have to look at their program."),
    "signature_stale": _("Signed more than five minutes ago, or ahead: the portal’s clock is wrong, or yours is."),
    "signature_wrong": _(
        "The key here did not sign this. Compare the fingerprint: perhaps the portal uses another key."
    ),
    "digest_wrong": _("What came is not what was signed. Something on the way changes it: ask the portal’s people."),
    "nonce_reused": _("The same signed call came twice. If the portal did not repeat it, somebody else did: ask."),
    "key_revoked": _("The portal still signs with a revoked key. It has to use another one."),
    "key_not_yet": _("The portal signs with a key that is good from later on."),
    "key_ended": _("The portal still signs with a key that is over. It needs a new one: add it under Keys."),
    "partner_ended": _("The partner is ended, or its last day is over. If it is to go on, change that under Settings."),
    "partner_not_yet": _("Its first day is still to come. If it is to begin, change that under Settings."),
    "licence_missing": _("The installation has no licence for portals. Who runs Sprechzeit for you puts one in."),
    "licence_ended": _("The licence for portals is not valid today. Who runs Sprechzeit for you renews it."),
    "too_many_calls": _("It called too often in a minute. It goes on by itself; the portal should ask less often."),
    "not_allowed": _("It asked for what it may not read. If it is to, tick that under Settings."),
    "not_found": _("It asked for something that is not there, or not its own. Nothing to do, unless it happens often."),
    "time_taken": _("Somebody else was faster. Nothing to do: the portal was told the next free times."),
    "not_offered": _("The portal showed a time that is not offered any more. Nothing to do, unless it happens often."),
    "idempotency_key_reused": _(
        "Two different things under one key. The portal’s people have to look at their program."
    ),
    "server_error": _("A fault of Sprechzeit. Tell who runs it for you the time: its own log says more."),
}
OTHERWISE = _(
    "The portal sent something that cannot be taken. If it happens often, ask its people; you need do nothing."
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A kind of refusal. `key`: the keyid of the last; `remedy`: what to do."""

    code: str
    key: str
    count: int
    last_at: datetime
    remedy: str


@dataclass(frozen=True, slots=True)
class HandedDay:
    """What a partner was handed on a day. `url`: whom, in the log, for who may read it."""

    day: date
    patients: int
    times: int
    url: str


def troubles_of(actor: Actor, partner: Partner) -> list[Trouble]:
    """What was refused in the last days, the newest first."""
    zone = practice_of(actor).zone
    return [_trouble(one, zone) for one in refusals_of(actor, name_of(partner), _since(zone), MOST_CODES)]


def _trouble(one: Refusals, zone: ZoneInfo) -> Trouble:
    remedy = str(REMEDIES.get(one.code, OTHERWISE))
    return Trouble(one.code, one.key, one.count, one.last_at.astimezone(zone), remedy)


def handed_days(actor: Actor, partner: Partner) -> list[HandedDay]:
    """How many patients it was told of on each of the last days."""
    found = handings_of(actor, name_of(partner), _since(practice_of(actor).zone))
    return [_handed(one, partner) for one in found]


def _handed(one: Handing, partner: Partner) -> HandedDay:
    asked = {"who": name_of(partner), "done": "handed_out", "first": one.day.isoformat(), "last": one.day.isoformat()}
    return HandedDay(one.day, one.patients, one.times, f"{reverse('privacy:log')}?{urlencode(asked)}")


def _since(zone: ZoneInfo) -> datetime:
    """The beginning of the first of the last days."""
    today = timezone.now().astimezone(zone).date()
    return datetime.combine(today - timedelta(days=DAYS - 1), time.min, zone)


def totals(calls: Counted, handed: Sequence[HandedDay], troubles: Sequence[Trouble]) -> list[tuple[Any, int]]:
    """The tiles above: of the last day, and of the last days."""
    return [
        (_("Calls, 24 hours"), calls.all),
        (_("Most calls in a minute, 24 hours"), calls.most),
        (_("Told of patients, 7 days"), sum(one.times for one in handed)),
        (_("Refused, 7 days"), sum(one.count for one in troubles)),
    ]
