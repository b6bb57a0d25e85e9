"""A block's details, as the popover shows them."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.practice.policy import visible_rooms
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.models import Block
from sprechzeit.scheduling.policy import may_enter
from sprechzeit.scheduling.queries.video import is_pushed


def block_details(actor: Actor, block: Block) -> dict[str, Any]:
    """What stands in the popover."""
    zone = practice_of(actor).zone
    starts, ends = block.starts_at.astimezone(zone), block.ends_at.astimezone(zone)
    end = f"{ends:%H:%M}" if starts.date() == ends.date() else date_format(ends, "SHORT_DATETIME_FORMAT")
    rooms = visible_rooms(actor) if block.occupancy.space_id else []
    return {
        "id": block.id,
        "day": starts.date(),
        "title": block.title or _("Blocked"),
        "when": f"{date_format(starts, 'SHORT_WEEKDAY_DATE_FORMAT')} · {starts:%H:%M}–{end}",
        "calendar_name": block.calendar.name,
        "room_name": next((room.name for room in rooms if room.is_in(block.occupancy.space_id)), ""),
        "from_file": block.calendar_import_id is not None,
        "pushed": is_pushed(actor, block),
        "overlaps": block.occupancy.overbooked,
        "may_change": may_enter(actor, block.calendar),
    }
