"""Lengths of time in words, and the usual ones to choose from."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

HOUR, DAY = 60, 24 * 60
GRIDS = (5, 10, 15, 20, 30, 45, 60, 90, 120)
NOTICES = (0, HOUR, 2 * HOUR, 4 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 14 * DAY)
HORIZONS = (7, 14, 28, 56, 84, 90, 182, 365)


def length_in_words(minutes: int) -> str:
    """'50 minutes', '24 hours', '3 days': the largest unit that fits; hours up to a day."""
    if minutes % DAY == 0 and minutes > DAY:
        return ngettext("%(n)s day", "%(n)s days", minutes // DAY) % {"n": minutes // DAY}
    if minutes % HOUR == 0 and minutes:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // HOUR) % {"n": minutes // HOUR}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def grid_in_words(minutes: int) -> str:
    """'every 30 min.'"""
    return _("every %(n)s min.") % {"n": minutes}


def notice_in_words(minutes: int) -> str:
    """'24 hours', or that there is none."""
    return length_in_words(minutes) if minutes else _("none")


def horizon_in_words(days: int) -> str:
    """'12 weeks', '90 days'."""
    if days % 7 == 0 and days:
        return ngettext("%(n)s week", "%(n)s weeks", days // 7) % {"n": days // 7}
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


class LengthSelect(forms.Select):
    """The usual lengths and the one that is set, in words. Another number is as good: the field judges it."""

    def __init__(self, usual: Sequence[int], words: Callable[[int], str]) -> None:
        super().__init__()
        self.usual = usual
        self.words = words

    def optgroups(self, name: str, value: list[str], attrs: dict[str, object] | None = None) -> Any:
        """Called when it is drawn: only then is the value known, and the language."""
        set_now = {int(one) for one in value if str(one).isascii() and str(one).isdigit() and len(str(one)) < 6}
        self.choices = [(number, self.words(number)) for number in sorted({*self.usual, *set_now})]
        return super().optgroups(name, value, attrs)
