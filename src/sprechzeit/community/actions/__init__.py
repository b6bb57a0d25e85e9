from sprechzeit.community.actions.codes import renew_code
from sprechzeit.community.actions.membership import (
    agree,
    confirm,
    enter_code,
    found_community,
    leave_community,
    remove_member,
    rename_community,
    show_times,
)
from sprechzeit.community.actions.rooms import (
    add_space,
    assign_rooms,
    map_room,
    remove_space,
    rename_space,
    unmap_room,
)

__all__ = [
    "add_space",
    "agree",
    "assign_rooms",
    "confirm",
    "enter_code",
    "found_community",
    "leave_community",
    "map_room",
    "remove_member",
    "remove_space",
    "rename_community",
    "rename_space",
    "renew_code",
    "show_times",
    "unmap_room",
]
