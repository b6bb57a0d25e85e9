"""What pages show of documents."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from sprechzeit.access.actor import Actor
from sprechzeit.practice.queries import people_of
from sprechzeit.records.models import Document, MediaType


def rows_of(actor: Actor, documents: Sequence[Document]) -> list[dict[str, Any]]:
    """Documents in words, in their order. What stands in them was opened before."""
    removals = [one.removal for one in documents if one.is_removed]
    people = people_of(actor, [one.added_by for one in documents] + [one.removed_by for one in removals])
    return [_row(one, people) for one in documents]


def _row(document: Document, people: dict[str, str]) -> dict[str, Any]:
    found = {
        "id": document.pk,
        "title": document.title,
        "remark": document.remark,
        "dated_on": document.dated_on,
        "kind": MediaType(document.media_type).label,
        "pages": document.pages if document.media_type == MediaType.PDF else 0,
        "size": document.size_bytes,
        "who": people[document.added_by],
        "at": document.added_at,
        "session_id": document.session_id,
        "session_at": document.session.starts_at if document.session else None,
        "preview_url": reverse("records:document_preview", args=[document.pk]) if document.preview else "",
        "is_pdf": document.media_type == MediaType.PDF,
        "removed": None,
    }
    if document.is_removed:
        removal = document.removal
        found |= {"removed": {"who": people[removal.removed_by], "at": removal.removed_at, "reason": removal.reason}}
        found["preview_url"] = ""
    return found
