"""Reads a calendar that another program has exported (RFC 5545, `.ics`). Pure: bytes in, entries and problems out."""

from .entries import CalendarFile, Entry, Limits
from .problems import MESSAGES, Problem
from .reader import read_calendar

__all__ = ["MESSAGES", "CalendarFile", "Entry", "Limits", "Problem", "read_calendar"]
