"""Why a time is not offered, in words for people (CAL-10)."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sprechzeit.scheduling import availability as engine

WORDS: dict[str, Promise] = {
    "off_grid": _("It does not begin on the type's grid."),
    "too_soon": _("It is too soon."),
    "too_far_ahead": _("It is too far ahead."),
    "outside_working_time": _("It lies outside the working time."),
    "absent": _("The calendar is absent then."),
    "holiday": _("It is a public holiday."),
    "kept_for_others": _("This time is kept for other appointment types."),
    "outside_windows": _("This type is only offered in its booking windows."),
    "calendar_taken": _("The calendar is taken then."),
    "no_room_allowed": _("No room is allowed for this type here."),
    "no_room_free": _("No room is free then."),
    "month_full": _("Nothing more is free in this month."),
    "not_offered_here": _("This calendar does not offer this type."),
    "video_off": _("The practice's video service is switched off."),
    "no_video_reference": _("This calendar has no reference at the video service."),
    "not_bookable": _("The practice does not book this type."),
    "only_new_patients": _("This type is for new patients only."),
    "only_known_patients": _("This type is for known patients only."),
    "too_young": _("The patient is too young for this type."),
    "too_old": _("The patient is too old for this type."),
    "other_insurance": _("This type is not for patients with this insurance."),
}


def words_of(reason: str) -> Promise:
    """The reason as a sentence."""
    return WORDS[reason]


def ends_outside(working: Sequence[engine.Span], asked: engine.Span, zone: ZoneInfo) -> str:
    """Where it begins within the working time: that it is the end which lies outside. Else nothing."""
    begin, end = asked
    closes = engine.end_around(working, begin)
    if closes is None or closes >= end:
        return ""
    return gettext("It lasts until %(end)s, working hours end at %(closes)s.") % {
        "end": f"{engine.instant_of(end).astimezone(zone):%H:%M}",
        "closes": f"{engine.instant_of(closes).astimezone(zone):%H:%M}",
    }


TITLES: dict[str, Promise] = {
    "off_grid": _("Not on the grid"),
    "too_soon": _("Too short notice"),
    "too_far_ahead": _("Too far ahead"),
    "outside_working_time": _("Outside working hours"),
    "absent": _("Absent"),
    "holiday": _("Public holiday"),
    "kept_for_others": _("Kept for other types"),
    "outside_windows": _("Outside its booking windows"),
    "calendar_taken": _("Calendar taken"),
    "no_room_allowed": _("No room allowed"),
    "no_room_free": _("No free room"),
    "month_full": _("Month full"),
    "not_offered_here": _("Not offered here"),
    "video_off": _("No video service"),
    "no_video_reference": _("No reference for video"),
    "not_bookable": _("Not bookable this way"),
    "only_new_patients": _("New patients only"),
    "only_known_patients": _("Known patients only"),
    "too_young": _("Too young"),
    "too_old": _("Too old"),
    "other_insurance": _("Other insurance"),
}


def title_of(reason: str) -> Promise:
    """The reason in two or three words."""
    return TITLES[reason]
