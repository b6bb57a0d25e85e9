"""What can be booked, in words: a service with its length, price, place, and for whom it is."""

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sprechzeit.scheduling.models import AppointmentType

_CENTS = 100
_WHERE_ICONS = {"phone": "phone", "home": "house", "video": "video"}


def card(appointment_type: AppointmentType) -> dict[str, Any]:
    """A service as the booking page shows it, before a time is chosen (BOO-1, CAL-5)."""
    return {
        "name": appointment_type.name,
        "minutes": appointment_type.duration,
        "colour": appointment_type.colour,
        "price": price(appointment_type.price_cents),
        "where": where(appointment_type),
        "where_icon": _WHERE_ICONS.get(appointment_type.location, ""),
        "for_whom": for_whom(appointment_type),
    }


def price(cents: int | None) -> str:
    """'89 €', '100,55 €'; empty where the practice names no price."""
    if cents is None:
        return ""
    places = 2 if cents % _CENTS else 0
    return f"{number_format(cents / _CENTS, places, force_grouping=True)}\u00a0€"


def where(appointment_type: AppointmentType) -> str:
    """Where it takes place, unless it is in the practice."""
    return {
        AppointmentType.Location.PHONE: _("By phone"),
        AppointmentType.Location.HOME: _("At your home"),
        AppointmentType.Location.VIDEO: _("By video"),
    }.get(AppointmentType.Location(appointment_type.location), "")


def for_whom(appointment_type: AppointmentType) -> str:
    """For whom it is, where not for everybody: 'for new patients, from 6 years'."""
    return ", ".join(filter(None, (_patients(appointment_type.patients), _ages(appointment_type))))


def _patients(patients: str) -> str:
    return {
        AppointmentType.Patients.NEW: _("for new patients"),
        AppointmentType.Patients.KNOWN: _("for known patients"),
    }.get(AppointmentType.Patients(patients), "")


def _ages(appointment_type: AppointmentType) -> str:
    youngest, oldest = appointment_type.min_age, appointment_type.max_age
    if youngest is not None and oldest is not None:
        return _("%(youngest)d to %(oldest)d years") % {"youngest": youngest, "oldest": oldest}
    if youngest is not None:
        return ngettext("from %(age)d year", "from %(age)d years", youngest) % {"age": youngest}
    if oldest is not None:
        return ngettext("up to %(age)d year", "up to %(age)d years", oldest) % {"age": oldest}
    return ""
