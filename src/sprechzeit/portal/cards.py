"""What can be booked, in words: a service with its length, price, place, and for whom it is."""

from collections.abc import Collection
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.models import AppointmentType, Insurance, Source, takes_place

_CENTS = 100
_WHERE_ICONS = {"phone": "phone", "home": "house", "video": "video"}


def card(appointment_type: AppointmentType, practice: Practice, lengths: Collection[int] = ()) -> dict[str, Any]:
    """A service as the booking page of the practice shows it, before a time is chosen (BOO-1, CAL-5).

    `lengths`: in minutes, of those who offer it, where they have their own (CAL-6).
    """
    return {
        "name": appointment_type.name,
        "length": minutes(lengths or [appointment_type.duration]),
        "colour": appointment_type.colour,
        "price": price(appointment_type.price_cents),
        **place(takes_place(appointment_type.location, Source.ONLINE, practice.online_location)),
        "for_whom": for_whom(appointment_type),
    }


def place(location: str) -> dict[str, str]:
    """Where it takes place, in words and with an icon (PUSH-4)."""
    return {"where": where(location), "where_icon": _WHERE_ICONS.get(location, "")}


def minutes(lengths: Collection[int]) -> str:
    """'50 min.', '40 to 60 min.'."""
    least, most = min(lengths), max(lengths)
    if least == most:
        return _("%(minutes)d min.") % {"minutes": least}
    return _("%(least)d to %(most)d min.") % {"least": least, "most": most}


def price(cents: int | None) -> str:
    """'89 €', '100,55 €'; empty where the practice names no price."""
    if cents is None:
        return ""
    places = 2 if cents % _CENTS else 0
    return f"{number_format(cents / _CENTS, places, force_grouping=True)}\u00a0€"


def where(location: str) -> str:
    """Where it takes place, unless it is in the practice."""
    return {
        AppointmentType.Location.PHONE: _("By phone"),
        AppointmentType.Location.HOME: _("At your home"),
        AppointmentType.Location.VIDEO: _("By video"),
    }.get(AppointmentType.Location(location), "")


def for_whom(appointment_type: AppointmentType) -> str:
    """For whom it is, where not for everybody: 'for new patients, from 6 years'."""
    facts = (_patients(appointment_type.patients), ages(appointment_type), insurances(appointment_type))
    return ", ".join(filter(None, facts))


def insurances(appointment_type: AppointmentType) -> str:
    """'Private or Self-payer'; empty where it is for everybody."""
    chosen = [str(Insurance(one).label) for one in Insurance.values if one in appointment_type.insurances]
    if len(chosen) == len(Insurance.values):
        return ""
    return _("insurance: %(kinds)s") % {"kinds": " / ".join(chosen)}


def _patients(patients: str) -> str:
    return {
        AppointmentType.Patients.NEW: _("for new patients"),
        AppointmentType.Patients.KNOWN: _("for known patients"),
    }.get(AppointmentType.Patients(patients), "")


def ages(appointment_type: AppointmentType) -> str:
    """'6 to 17 years'; empty where there is no limit."""
    youngest, oldest = appointment_type.min_age, appointment_type.max_age
    if youngest is not None and oldest is not None:
        return _("%(youngest)d to %(oldest)d years") % {"youngest": youngest, "oldest": oldest}
    if youngest is not None:
        return ngettext("from %(age)d year", "from %(age)d years", youngest) % {"age": youngest}
    if oldest is not None:
        return ngettext("up to %(age)d year", "up to %(age)d years", oldest) % {"age": oldest}
    return ""
