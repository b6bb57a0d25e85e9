"""Appointments of nobody, with which a text of a message is looked at (NOT-2)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sprechzeit.access.actor import Actor
from sprechzeit.messages.values import Facts, Location
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.models import AppointmentType, Source
from sprechzeit.scheduling.models.types import takes_place
from sprechzeit.scheduling.queries.settings import calendars_in_order, types_in_order

SAMPLES: Mapping[str, Promise] = {
    "practice": gettext_lazy("Paula Sommer, in the practice"),
    "video": gettext_lazy("Paula Sommer, by video"),
    "child": gettext_lazy("Paula Sommer for her child Mia"),
    "late": gettext_lazy("Paula Sommer, too late to cancel"),
    "reason": gettext_lazy("Paula Sommer, with a reason"),
    "patient": gettext_lazy("Paula Sommer, cancelled by herself"),
    "partner": gettext_lazy("Paula Sommer, through a booking portal"),
}
EMAIL = "paula.sommer@example.org"


def is_by_video(practice: Practice, type_: AppointmentType | None) -> bool:
    """Whether a text of this type is first looked at by video: where it takes place when somebody books it online."""
    return type_ is not None and takes_place(type_.location, Source.ONLINE, practice.online_location) == Location.VIDEO


def sample_of(actor: Actor, practice: Practice, which: str, type_: AppointmentType | None, event: str) -> Facts:
    """An appointment of a patient who does not exist, in a week, of this type or the first one."""
    type_ = type_ or types_in_order(actor).first()
    calendar = calendars_in_order(actor).first()
    starts = (timezone.now().astimezone(practice.zone) + timedelta(days=7)).replace(hour=13, minute=0, second=0)
    facts = Facts(
        first_name="Paula",
        last_name="Sommer",
        patient="Sommer, Paula",
        service=type_.name if type_ else _("Consultation"),
        practitioner=calendar.name if calendar else practice.shown_name,
        starts_at=starts,
        deadline=starts - timedelta(hours=practice.cancel_hours),
        location=Location.PRACTICE,
        manage_url=settings.PUBLIC_URL + reverse("portal:manage", args=["example"]),
        is_cancelled=event == "cancelled",
        by_practice=which != "patient",
    )
    match which:
        case "video":
            return replace(
                facts, location=Location.VIDEO, join_url=f"{settings.PUBLIC_URL}/video/example/", tan="482619"
            )
        case "child":
            return replace(facts, for_whom="Mia")
        case "late":
            return replace(facts, may_change=False)
        case "reason":
            return replace(facts, reason=_("The practitioner is ill."))
        case "partner":
            return replace(facts, partner=_("Booking portal"))
        case _:
            return facts
