"""The mini month."""

from collections.abc import Iterable
from datetime import date, timedelta
from html import escape
from typing import Any

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.safestring import SafeString

from sprechzeit.scheduling.book_page.address import Wish


def month_of(wish: Wish) -> dict[str, Any]:
    """The weeks of the month around the day shown; of each day what it is called in full and in short."""
    first = wish.day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    weeks, at = [], first - timedelta(days=first.weekday())
    while at < following:
        days = [at + timedelta(days=number) for number in range(7)]
        weeks.append(week_of(at, [(day, wish.but(day=day)) for day in days], wish.day, wish.today, wish.is_week))
        at += timedelta(days=7)
    return {
        "weekdays": [(WEEKDAYS[number], WEEKDAYS_ABBR[number]) for number in range(7)],
        "weeks": weeks,
        "previous": wish.but(day=_months(wish.day, -1)),
        "next": wish.but(day=_months(wish.day, 1)),
    }


def week_of(
    monday: date, days: Iterable[tuple[date, str]], selected: date, today: date, is_week: bool
) -> dict[str, Any]:
    """A week's number, whether it is shown, and its days with their addresses as cells.

    Drawn here: forty-two cells of a template would take as long as sixty appointments.
    """
    return {
        "number": str(monday.isocalendar().week),
        "is_shown": is_week and monday.isocalendar()[:2] == selected.isocalendar()[:2],
        "cells": SafeString("".join([_cell(day, url, selected, today) for day, url in days])),
    }


def _cell(day: date, url: str, selected: date, today: date) -> str:
    classes = ("" if day.month == selected.month else "other") + (" today" if day == today else "")
    current = ' aria-current="date"' if day == selected else ""
    return f"""
            <td class="num"><a href="{escape(url)}" class="{classes}"{current}>{day.day}</a></td>
          """


def _months(day: date, count: int) -> date:
    """The same day a month later or earlier, or the last of a shorter one."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    first = date(year, month + 1, 1)
    length = ((first + timedelta(days=32)).replace(day=1) - first).days
    return first.replace(day=min(day.day, length))
