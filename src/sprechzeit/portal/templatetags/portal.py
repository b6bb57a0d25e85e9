"""Template tags of the booking page: `{% load portal %}`."""

from collections.abc import Iterable, Mapping

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_NOTHING = mark_safe("")


@register.simple_tag
def time_buttons(times: Iterable[Mapping[str, str]], with_name: str = "") -> SafeString:
    """A button for each time, with whom unless all are `with_name`, and its length where it has one.

    By functions, since a page may have hundreds: a template takes seven times as long.
    """
    buttons = (
        (
            time["value"],
            time["label"],
            format_html("<span>{}</span>", time["name"]) if time["name"] and not with_name else _NOTHING,
            format_html('<span class="num">{}</span>', time["length"]) if time["length"] else _NOTHING,
        )
        for time in times
    )
    pressed = '<button class="time" type="submit" name="start" value="{}"><b class="num">{}</b>{}{}</button>'
    return format_html('<div class="times">{}</div>', format_html_join("", pressed, buttons))
