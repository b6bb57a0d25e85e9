"""A booking partner as its pages show it: where it stands, its keys, what its portal must know."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.audit.queries import last_acts_of
from sprechzeit.core.licence import OTV, NoLicence, installed
from sprechzeit.core.limits import counted
from sprechzeit.practice.models import Partner, PartnerKey, Practice, Reading
from sprechzeit.practice.partner_keys import fingerprint
from sprechzeit.practice.queries import keys_of_partners, practice_of

# Below which address partners call.
BASE = "/api/otv/v1"
# By which name its calls are counted (OTV-10): within a day that says when the last one was.
CALLS = "partner-calls"
SOON = timedelta(days=30)
MICROSECOND = timedelta(microseconds=1)


def licence_note() -> tuple[str, str]:
    """Whether the installation may let partners in at all, and the colour of that (OTV-1)."""
    try:
        found = installed()
    except NoLicence:
        found = None
    if found is None or OTV not in found.features:
        return _("No licence for portals: every call is refused. Who runs Sprechzeit for you puts one in."), "error"
    last = {"day": _day(found.valid_until)}
    if not found.is_valid(timezone.now().astimezone(UTC).date()):
        return _("The licence for portals is not valid today (until %(day)s): every call is refused.") % last, "error"
    return _("Licence for portals until %(day)s") % last, "ok"


def base_url() -> str:
    """What a portal enters as the address of the interface."""
    return f"{settings.PUBLIC_URL}{BASE}"


def name_of(partner: Partner) -> str:
    """How the log calls a partner."""
    return f"{ActorKind.PARTNER}:{partner.pk}"


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key with what people read of it. `state`: where it stands; `colour` of its badge; `since`, `last_day`: days of
    the practice's clock, inclusive.
    """

    key: PartnerKey
    fingerprint: str
    since: date
    state: str
    colour: str
    is_good: bool
    last_day: date | None

    @property
    def groups(self) -> list[str]:
        """The fingerprint as people compare it by phone."""
        return self.fingerprint.split()


def key_lines(keys: Collection[PartnerKey], zone: ZoneInfo) -> list[KeyLine]:
    """Good ones first, the newest of them on top."""
    now = timezone.now()
    lines = [_line(one, now, zone) for one in keys]
    return sorted(lines, key=lambda one: (not one.is_good, -one.key.starts_at.timestamp()))


def _line(key: PartnerKey, now: datetime, zone: ZoneInfo) -> KeyLine:
    good = key.is_good(now)
    last = last_day(key.ends_at, zone)
    if key.revoked_at is not None:
        moment = date_format(key.revoked_at.astimezone(zone), "SHORT_DATETIME_FORMAT")
        state, colour = _("revoked on %(moment)s") % {"moment": moment}, "error"
    elif last is None:
        state, colour = _("good"), "ok"
    elif not good:
        state, colour = _("over since %(day)s") % {"day": _day(last)}, ""
    else:
        state, colour = _("good until %(day)s") % {"day": _day(last)}, "warn" if _ends_soon(key, now) else "ok"
    since = key.registered_at.astimezone(zone).date()
    return KeyLine(key, fingerprint(key.public_key), since, state, colour, good, last)


def _ends_soon(key: PartnerKey, now: datetime) -> bool:
    return key.ends_at is not None and key.ends_at < now + SOON


def last_day(ends_at: datetime | None, zone: ZoneInfo) -> date | None:
    """The last day on which something that ends then is still good."""
    return None if ends_at is None else (ends_at - MICROSECOND).astimezone(zone).date()


def end_of(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The instant after a last day, on the practice's clock."""
    return None if day is None else datetime.combine(day + timedelta(days=1), time.min, zone)


def worry_about(partner: Partner, keys: Collection[PartnerKey], practice: Practice) -> str:
    """What an administrator should see to: that no key is good, or that none will be in a month; else nothing."""
    now = timezone.now()
    if partner.ended_at is not None:
        return ""
    good = [one for one in keys if one.is_good(now)]
    if not good:
        return _("No key is good: whatever this partner asks is refused. Ask it for its public key.")
    if not all(_ends_soon(one, now) for one in good):
        return ""
    last = max(one.ends_at for one in good if one.ends_at is not None)
    days = (last - now).days
    left = ngettext("in %(count)s day", "in %(count)s days", days) % {"count": days} if days else _("today")
    words = _("The last good key ends %(left)s. Ask the partner for a new one and add it beside: both are good.")
    return words % {"left": left}


def state_of_partner(found: Partner, today: date) -> tuple[str, str]:
    """Where a partner stands in a word, and the colour of its badge."""
    if found.ended_at is not None or (found.ends_on and found.ends_on < today):
        return _("ended"), "error"
    if found.starts_on > today:
        return _("from %(day)s") % {"day": _day(found.starts_on)}, ""
    if found.ends_on is not None:
        return _("active until %(day)s") % {"day": _day(found.ends_on)}, "ok"
    return _("active"), "ok"


def partner_frame(actor: Actor, partner: Partner, here: str) -> dict[str, Any]:
    """What stands around each page of a partner: its name and state, the way to its other pages. `here`: its route."""
    practice = practice_of(actor)
    today = timezone.now().astimezone(practice.zone).date()
    keys = keys_of_partners(actor, [partner.pk])
    state, colour = state_of_partner(partner, today)
    calls = counted(CALLS, str(partner.pk))
    called_at = calls.last_at or last_acts_of(actor, [name_of(partner)]).get(name_of(partner))
    return {
        "partner": partner,
        "state": state,
        "state_colour": colour,
        "calls": calls,
        "called_at": called_at and called_at.astimezone(practice.zone),
        "keys": keys,
        "worry": worry_about(partner, keys, practice),
        "tabs": list(_tabs(partner, here)),
        "practice": practice,
    }


def _tabs(partner: Partner, here: str) -> Iterator[dict[str, Any]]:
    for label, name in (
        (_("Settings"), "practice:partner"),
        (_("Keys"), "practice:partner_keys"),
        (_("For the portal"), "practice:partner_sheet"),
        (_("Changes"), "webhooks:deliveries"),
        (_("Log"), "privacy:partner_log"),
    ):
        yield {"label": label, "url": reverse(name, args=[partner.pk]), "current": name == here}


def sheet_of(partner: Partner, keys: Sequence[PartnerKey], practice: Practice) -> list[tuple[str, list[str]]]:
    """What the portal's people must know, each with its name: nothing of it is secret."""
    good = [one for one in key_lines(keys, practice.zone) if one.is_good]
    known = [one.key.reference for one in good]
    marks = [f"{one.key.reference}: SHA256 {one.fingerprint}" for one in good]
    days = [_("from %(day)s") % {"day": _day(partner.starts_on)}]
    days += [_("until %(day)s") % {"day": _day(partner.ends_on)}] if partner.ends_on else []
    return [
        (_("Practice"), [practice.name]),
        (_("Booking partner"), [partner.name]),
        (_("Address of the interface"), [base_url()]),
        (_("Contract (OpenAPI)"), [f"{base_url()}/openapi.json"]),
        (_("Signing of calls"), ["RFC 9421, Ed25519, tag sprechzeit-otv"]),
        (_("Identifier of the key (keyid)"), known or [_("none yet: send us your public key")]),
        (_("Fingerprint of the key"), marks or ["–"]),
        (_("May read (scopes)"), partner.reads or [_("free times, types and who offers them")]),
        (_("Confirms and reminds"), [str(partner.get_confirms_display())]),
        (_("Address for changes"), [partner.webhook_url or _("none: you ask for changes yourselves")]),
        (_("Registered"), [" ".join(days)]),
    ]


def reading_names(partner: Partner) -> list[str]:
    """What it may read, in words."""
    return [str(label) for value, label in Reading.choices if value in partner.reads]


def _day(day: date) -> str:
    return str(date_format(day, "SHORT_DATE_FORMAT"))
