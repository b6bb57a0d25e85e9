"""Availability: the free starts of a type, and the reasons where there are none. Pure: integers in, integers out.

Used by the public page, staff search, partners and *explain* alike (CAL-9…11). All times are UTC minutes since
1970-01-01; see docs/rules/availability.md.
"""

from .clock import Block, Shift, day_number, day_period, instant_of, minute_of, whole_days, working_spans
from .engine import CalendarTime, Offer, RoomTime, Starts, bars, next_offers, offers, reasons
from .rules import ANYBODY, Asker, Channel, Patients, Reason, Rules
from .spans import Minute, Span, end_around, merged, outside, shared

__all__ = [
    "ANYBODY",
    "Asker",
    "Block",
    "CalendarTime",
    "Channel",
    "Minute",
    "Offer",
    "Patients",
    "Reason",
    "RoomTime",
    "Rules",
    "Shift",
    "Span",
    "Starts",
    "bars",
    "day_number",
    "day_period",
    "end_around",
    "instant_of",
    "merged",
    "minute_of",
    "next_offers",
    "offers",
    "outside",
    "reasons",
    "shared",
    "whole_days",
    "working_spans",
]
