"""`{% load sign_in %}`: what the pages of signing in show besides words."""

import json
from typing import Any

import qrcode
from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import format_html
from django.utils.safestring import SafeString

# Modules of white around it, which scanners need (ISO/IEC 18004).
QUIET = 4

register = template.Library()


@register.simple_tag
def qr(text: str) -> SafeString:
    """`{% qr url %}`: a drawing in the page, since pictures come from nowhere but our own files.

    Dark on light in every theme, as scanners want it.
    """
    code = qrcode.QRCode(border=QUIET)
    code.add_data(text)
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    paths = '<path class="light" d="M0 0h{0}v{0}H0z"/><path class="dark" d="{1}"/>'
    return format_html('<svg viewBox="0 0 {0} {0}" aria-hidden="true">' + paths + "</svg>", len(rows), path)


@register.filter
def as_json(offered: Any) -> str:
    """`data-options="{{ js_data|as_json }}"`: what a script of ours reads; no script stands in a page."""
    return json.dumps(offered, cls=DjangoJSONEncoder)
