"""What pages show of a search."""

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from sprechzeit.patients.asked import marks, read

register = template.Library()


@register.filter
def marked(name: str, asked: str) -> SafeString:
    """A name with what fits the search marked in it."""
    words = read(asked or "", timezone.localdate()).words
    parts = ((format_html("<mark>{}</mark>" if fits else "{}", text),) for text, fits in marks(name, words))
    return format_html_join("", "{}", parts)
