"""Another time for an appointment: the same week and times as for booking, at the addresses of its link (BOO-6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode

from sprechzeit.access.actor import Actor
from sprechzeit.portal import pages
from sprechzeit.portal.pages import Local, Search
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.queries.availability import this_minute
from sprechzeit.scheduling.queries.reschedule import next_to_reschedule, offers_to_reschedule

EVERYBODY = "all"
SUGGESTED = 2
_PAGES = {"times": "portal:other_times", "hold": "portal:place"}


@dataclass(frozen=True, kw_only=True)
class OtherTime(Search):
    """What the holder of an appointment's link looks for. `token`: the link's secret."""

    appointment: Appointment
    token: str

    def url(self, page: str, token: str = "", **more: str) -> str:
        """The address of a page of the link, which remembers with whom. Without saying, it is with the same."""
        chosen = {"calendar": self.calendar.reference if self.calendar else ""} | more
        own = self.appointment.calendar.reference if self.appointment.calendar in self.calendars else ""
        if chosen["calendar"] == own:
            del chosen["calendar"]
        elif not chosen["calendar"]:
            chosen["calendar"] = EVERYBODY
        address = reverse(_PAGES[page], args=[self.token])
        return f"{address}?{urlencode(chosen)}" if chosen else address

    def offers(self, actor: Actor, first_day: date, last_day: date) -> list[engine.Offer]:
        """What is free over local days."""
        return offers_to_reschedule(actor, self.appointment, first_day, last_day, self.calendar_id)

    def next_offers(self, actor: Actor, count: int, *, since: int) -> Sequence[engine.Offer]:
        """What is free next, from a UTC minute on."""
        return next_to_reschedule(actor, self.appointment, count, since=since, calendar_id=self.calendar_id)

    def place_url(self, local: Local) -> str:
        """The address of the page that asks whether it shall be this time."""
        return f"{reverse('portal:place', args=[self.token])}?{urlencode({'start': local.value})}"


def suggestions(actor: Actor, search: OtherTime) -> list[dict[str, str]]:
    """The next free times, for somebody who is about to cancel."""
    found = (pages.local_offer(search, one) for one in search.next_offers(actor, SUGGESTED, since=this_minute()))
    return [
        {
            "when": f"{date_format(one.starts, 'SHORT_WEEKDAY_DAY_FORMAT')}, {pages.clock(one.starts)}",
            "url": search.place_url(one),
        }
        for one in found
    ]
