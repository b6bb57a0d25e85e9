"""Availability: the free starts of a type, and the reasons where there are none. Pure: integers in, integers out.

Used by the public page, staff search, partners and *explain* alike (CAL-9…11). All times are UTC minutes since
1970-01-01; see docs/rules/availability.md.
"""

from .clock import Block, day_period, instant_of, minute_of, working_spans
from .engine import CalendarTime, Offer, Reason, RoomTime, Rules, next_offers, offers, reasons
from .spans import Minute, Span

__all__ = [
    "Block",
    "CalendarTime",
    "Minute",
    "Offer",
    "Reason",
    "RoomTime",
    "Rules",
    "Span",
    "day_period",
    "instant_of",
    "minute_of",
    "next_offers",
    "offers",
    "reasons",
    "working_spans",
]
