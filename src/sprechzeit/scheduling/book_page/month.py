"""The mini month."""

from datetime import date, timedelta
from typing import Any

from sprechzeit.scheduling.book_page.address import Wish


def month_of(wish: Wish) -> dict[str, Any]:
    """The weeks of the month around the day shown."""
    first = wish.day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    weeks, at = [], first - timedelta(days=first.weekday())
    while at < following:
        weeks.append({"days": [_day(wish, at + timedelta(days=number)) for number in range(7)]})
        at += timedelta(days=7)
    return {"weeks": weeks, "previous": wish.but(day=_months(wish.day, -1)), "next": wish.but(day=_months(wish.day, 1))}


def _months(day: date, count: int) -> date:
    """The same day a month later or earlier, or the last of a shorter one."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    first = date(year, month + 1, 1)
    length = ((first + timedelta(days=32)).replace(day=1) - first).days
    return first.replace(day=min(day.day, length))


def _day(wish: Wish, day: date) -> dict[str, Any]:
    return {
        "date": day,
        "url": wish.but(day=day),
        "is_current_month": day.month == wish.day.month,
        "is_selected": day == wish.day,
        "is_shown": wish.is_week and day.isocalendar()[:2] == wish.day.isocalendar()[:2],
        "is_today": day == wish.today,
    }
