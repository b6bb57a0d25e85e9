"""Documents, and files that people send: harmless ones, and others."""

import io
from functools import cache
from typing import Any
from uuid import UUID

import pikepdf
from django.utils import timezone
from PIL import Image

from sprechzeit.core.acting import acting
from sprechzeit.records.actions.documents import Sent, add_document
from sprechzeit.records.models import Document
from tests.support.cast import House

TITLE = "Röntgen Lendenwirbel"


@cache
def picture(form: str = "PNG", size: tuple[int, int] = (60, 40), mode: str = "RGB", colour: str = "brown") -> bytes:
    """A plain picture."""
    out = io.BytesIO()
    Image.new(mode, size, colour if mode == "RGB" else 0).save(out, form)
    return out.getvalue()


def sent(content: bytes = b"", title: str = TITLE, session_id: UUID | None = None) -> Sent:
    """As a form sends it."""
    return Sent(content or picture(), title, timezone.localdate(), session_id)


def filed(house: House, patient_id: UUID, who: str = "jonas", content: bytes = b"", title: str = TITLE) -> Document:
    """A document that somebody has put into a record."""
    with acting(house.actor(who)):
        return add_document(house.actor(who), patient_id, sent(content, title))


def pdf(**options: Any) -> bytes:
    """A page that does all that a page can do: at opening, at a click, by what it brings along."""
    made, name, words = pikepdf.new(), pikepdf.Name, pikepdf.String
    made.add_blank_page()

    def acts(kind: str, **more: Any) -> pikepdf.Dictionary:
        return pikepdf.Dictionary(S=pikepdf.Name(kind), **more)

    def link(action: pikepdf.Dictionary) -> pikepdf.Dictionary:
        return pikepdf.Dictionary(Type=name.Annot, Subtype=name.Link, Rect=[0, 0, 9, 9], A=action)

    script = made.make_indirect(acts("/JavaScript", JS=words("app.alert('boese')")))
    made.Root.OpenAction = script
    made.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array([words("x"), script])))
    made.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([]), XFA=words("boese-xfa"))
    made.attachments["boese.exe"] = b"MZ-boese-payload"
    page = made.pages[0].obj
    page.AA = pikepdf.Dictionary(O=acts("/JavaScript", JS=words("boese-open")))
    page.Annots = pikepdf.Array(
        [
            link(acts("/Launch", F=words("boese-calc.exe"))),
            made.make_indirect(link(acts("/SubmitForm", F=words("https://boese.example")))),
            link(acts("/URI", URI=words("javascript:boese()"))),
            link(acts("/GoTo", D=words("x"), Next=acts("/Launch", F=words("boese-next.exe")))),
            link(acts("/URI", URI=words("https://example.org/gut"))),
            pikepdf.Dictionary(
                Type=name.Annot, Subtype=name.FileAttachment, Rect=[0, 0, 9, 9], Contents=words("boese-annot")
            ),
        ]
    )
    out = io.BytesIO()
    made.save(out, **options)
    return out.getvalue()


def spelled_out(content: bytes) -> bytes:
    """All that stands in a PDF, packed nowhere."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as opened:
        opened.save(out, qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()
