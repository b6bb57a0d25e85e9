from sprechzeit.practice.actions.facts import (
    BookingPage,
    add_data_key,
    add_room,
    bring_back_room,
    change_booking_page,
    change_practice,
    change_room,
    found_practice,
    place_room,
    retire_room,
)
from sprechzeit.practice.actions.team import add_member

__all__ = [
    "BookingPage",
    "add_data_key",
    "add_member",
    "add_room",
    "bring_back_room",
    "change_booking_page",
    "change_practice",
    "change_room",
    "found_practice",
    "place_room",
    "retire_room",
]
