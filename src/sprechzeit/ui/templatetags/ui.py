"""Template tags of the user interface: `{% load ui %}`."""

from datetime import date

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from sprechzeit.ui import icon as icons
from sprechzeit.ui.positions import UNITS_PER_HOUR

THEMES = ("light", "dark")

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "calendar" %}`: the drawing inline. An unknown name raises, so that no page goes out without it."""
    return icons.icon(name)


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """The theme the visitor chose (cookie `theme`): light, dark, or empty for the system's."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if request else ""
    return chosen if chosen in THEMES else ""


@register.filter
def clock(unit: int, first_hour: int) -> str:
    """The time of day at `unit` of a book that begins at `first_hour`: `10:20`."""
    minute = first_hour * 60 + unit * 60 // UNITS_PER_HOUR
    return f"{minute // 60:02d}:{minute % 60:02d}"


@register.filter
def months(day: date, count: int) -> date:
    """The same day `count` months later (earlier if negative), or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    first = date(year, month + 1, 1)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return first.replace(day=min(day.day, (following - first).days))
