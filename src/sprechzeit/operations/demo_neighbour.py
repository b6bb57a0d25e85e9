"""The demo practice's neighbour: another practice that shares one of its rooms in a community (COM-1)."""

import contextlib
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sprechzeit.access.actor import Actor, system
from sprechzeit.access.table import Role
from sprechzeit.accounts.models import User
from sprechzeit.community.actions import (
    add_space,
    agree,
    confirm,
    enter_code,
    found_community,
    map_room,
    renew_code,
)
from sprechzeit.community.models import CommunityCode
from sprechzeit.community.queries import partners
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.practice.actions import add_member, add_room, found_practice
from sprechzeit.practice.models import Room
from sprechzeit.scheduling.actions.block import add_block
from sprechzeit.scheduling.actions.hours import set_working_hours
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.actions.settings import add_calendar
from sprechzeit.scheduling.errors import NotOffered
from sprechzeit.scheduling.models import Calendar

ZONE = ZoneInfo("Europe/Berlin")
HOURS = (time(9), time(12, 30), time(16, 30), time(18, 30))
WEEK = [(day, 8 * 60, 20 * 60) for day in range(5)]


def share_with_neighbour(actor: Actor, room: Room, monday: date, password: str) -> None:
    """Praxis Brandt, one practitioner, uses `room` too, where nobody of the demo practice does."""
    neighbour = system(new_id())
    with acting(neighbour):
        found_practice(neighbour, "Praxis Brandt", "brandt", street="Lindenallee 12", postcode="50668", town="Köln")
        user = User.objects.create_user("berta.brandt@example.org", password, "Berta Brandt")
        member = add_member(neighbour, user, role=Role.ADMINISTRATOR, name="Berta Brandt", initials="BB")
        theirs = add_room(neighbour, "Zimmer A")
        calendar = add_calendar(neighbour, "Berta Brandt", "BB", member=member)
        set_working_hours(neighbour, calendar.pk, WEEK)
    with acting(actor):
        community = found_community(actor, "Haus am Lindenplatz").pk
        code = CommunityCode.objects.get(community_id=community).code
        space = add_space(actor, community, "Therapieraum EG").pk
        map_room(actor, community, room.pk, space)
    with acting(neighbour):
        enter_code(neighbour, str(code))
        agree(neighbour, community)
    with acting(actor):
        for one in partners(actor)[community]:
            if not one.is_own:
                confirm(actor, community, one.id)
        renew_code(actor, community)
    with acting(neighbour):
        map_room(neighbour, community, theirs.pk, space)
        theirs.refresh_from_db()
        for number in range(14):
            _busy(neighbour, calendar, theirs, monday + timedelta(days=number))


def _busy(actor: Actor, calendar: Calendar, room: Room, day: date) -> None:
    """Some hours of a weekday, as far as the room is free."""
    for begin in HOURS[: 4 * (day.weekday() < 5)]:
        starts_at = datetime.combine(day, begin, ZONE)
        place = Place(calendar, starts_at, starts_at + timedelta(minutes=50), room=room)
        with contextlib.suppress(NotOffered):
            add_block(actor, place, "Physiotherapie", key=f"demo neighbour {starts_at:%F %H:%M}")
