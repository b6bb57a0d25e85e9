"""What a booking system pushed to a practice's video side, for tests."""

from datetime import datetime, timedelta

from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.practice.models import VideoToken
from sprechzeit.scheduling.actions.place import Place, take_place
from sprechzeit.scheduling.models import Block, VideoAppointment
from sprechzeit.video.models import Visit
from tests.support.cast import House

MINUTES = 50


def token_of(house: House, name: str = "eTermin") -> VideoToken:
    """The token of a booking system."""
    with acting(house.system):
        known = VideoToken.objects.filter(practice_id=house.practice.pk, name=name).first()
        if known:
            return known
        return VideoToken.objects.create(
            practice_id=house.practice.pk,
            name=name,
            token_hash=new_id().bytes,
            made_by=next(iter(house.members.values())),
        )


def pushed(house: House, starts_at: datetime, *, who: str = "", mark: str = "Vera") -> Visit:
    """An appointment as it stands after it was pushed; `mark` is in each of its fields."""
    key = who or next(iter(house.calendars))
    calendar = house.calendars[key]
    token = token_of(house)
    with acting(house.system):
        ends_at = starts_at + timedelta(minutes=MINUTES)
        placed = take_place(house.system, Place(calendar, starts_at, ends_at), None, confirmed=["calendar_taken"])
        block = Block.objects.create(
            practice_id=house.practice.pk, occupancy_id=placed.occupancy_id, calendar=calendar, title=f"{mark}-titel",
            starts_at=starts_at, ends_at=ends_at,
        )  # fmt: skip
        VideoAppointment.here(practice_id=house.practice.pk, block=block).save()
        return Visit.objects.create(
            practice_id=house.practice.pk, block=block, member=house.members[key], token=token,
            reference=f"{mark}-ref", first_name=f"{mark}-vor", last_name=f"{mark}-nach",
            email=f"{mark.lower()}@example.org", mobile=f"0171 {mark}",
        )  # fmt: skip
