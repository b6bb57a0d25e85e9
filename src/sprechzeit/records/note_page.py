"""What the page of a note shows, and what it sends back."""

import re
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.core.ids import new_id, parse_id
from sprechzeit.practice.queries import practice_of
from sprechzeit.records.actions.notes import Typed
from sprechzeit.records.content import FREE, MOST_FIELDS, Content, Field, content_of
from sprechzeit.records.models import NoteDraft, Session
from sprechzeit.records.policy import may_sign_note, may_write_note
from sprechzeit.records.queries import OpenNote, Shape, open_note, other_writers, shapes

LONGEST_NAME = 100
_NUMBER = re.compile("[0-9]{1,9}")


def note_context(actor: Actor, session: Session, *, template: str = "", amending: str = "") -> dict[str, Any]:
    """The note to read or to write on; `template`: one to write by from now on; `amending`: an amendment as typed."""
    note, offered = open_note(actor, session.pk), shapes(actor)
    pad, writes = new_id(), may_write_note(actor, session)
    draft = note.draft if writes else None
    content = _shown(note, draft, offered, template)
    context = {
        "note": note,
        "content": content,
        "zone": practice_of(actor).zone,
        "reads_note": True,
        "writes": writes and note.signed is None,
        "amends": writes and note.signed is not None,
        "amending": amending or (_as_text(Content.from_json(draft.text)) if draft and note.signed else ""),
        "may_sign": may_sign_note(actor, session) and note.signed is None and note.newest is not None,
        "draft": draft,
        "is_behind": bool(draft and note.newest and draft.based_on != note.newest.number),
        "shapes": _choices(offered, content),
        "writers": other_writers(actor, session.pk, draft.pad if draft else None),
    }
    return context | hidden_of(pad, note.newest.number if note.newest else 0, draft)


def hidden_of(pad: UUID, newest: int, draft: NoteDraft | None) -> dict[str, Any]:
    """What the page remembers for the server: see `Typed`."""
    facts = {"pad": pad, "based_on": draft.based_on if draft else newest, "draft": "", "revision": 0}
    return {"hidden": facts | ({"draft": draft.pk, "revision": draft.revision} if draft else {})}


def _shown(note: OpenNote, draft: NoteDraft | None, offered: list[Shape], template: str) -> Content:
    """What stands in the fields: the reader's own draft, else the newest version, else the last template, empty."""
    if draft is not None and note.signed is None:
        content = Content.from_json(draft.text)
    elif note.newest:
        content = note.newest.content
    else:
        content = Content(FREE, tuple(Field(name) for name in offered[0].fields))
    wanted = next((one for one in offered if one.key == template), None)
    return content.by_template(wanted.key, wanted.fields) if wanted and note.signed is None else content


def _choices(offered: list[Shape], content: Content) -> list[tuple[str, str, bool]]:
    """The templates to choose from; one that is offered no more stands there while the note is written by it."""
    found = [(one.key, one.name, one.key == content.template) for one in offered]
    known = any(chosen for _key, _name, chosen in found)
    return found if known else [(content.template, _("As it was written"), True), *found]


def _as_text(content: Content) -> str:
    """One text of all fields, each under its name where there are several."""
    written = [one for one in content.fields if one.text.strip()]
    return "\n\n".join(f"{one.name}:\n{one.text}" if len(written) > 1 else one.text for one in written)


def typed_from(sent: QueryDict) -> Typed:
    """What a page sent. Raises NotFound for ids that are none."""
    names = [name[:LONGEST_NAME] for name in sent.getlist("field")[:MOST_FIELDS]]
    content = content_of(sent.get("shape", FREE)[:40], names, sent.getlist("text"))
    draft, pad = sent.get("draft", ""), sent.get("pad", "")
    return Typed(
        content,
        pad=parse_id(pad) if pad else new_id(),
        based_on=number_in(sent, "based_on"),
        draft_id=parse_id(draft) if draft else None,
        revision=number_in(sent, "revision"),
    )


def number_in(sent: QueryDict, name: str) -> int:
    """A number that an address or a form says; 0 where it says none."""
    text = sent.get(name, "")
    return int(text) if _NUMBER.fullmatch(text) else 0


def draft_of_page(typed: Typed, draft: NoteDraft | None) -> dict[str, Any]:
    """What the page is to remember after something was kept, or there was nothing to keep."""
    if draft is None:
        return {"pad": typed.pad, "based_on": typed.based_on, "draft": "", "revision": 0}
    return {"pad": typed.pad, "based_on": draft.based_on, "draft": draft.pk, "revision": draft.revision}
