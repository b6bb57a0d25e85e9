"""Writing a note: what is kept while typing, versions, signing, amendments (DOC-2)."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.core.acting import require
from sprechzeit.core.errors import DomainError, NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, StaffAndDelegates, visitor
from sprechzeit.records.actions.notes import Typed, amend_note, discard_draft, keep_draft, sign_note, write_note
from sprechzeit.records.content import compare
from sprechzeit.records.errors import NoteEmpty, NoteSigned, NoteTooLong, WrittenMeanwhile
from sprechzeit.records.models import Session
from sprechzeit.records.note_page import draft_of_page, note_context, number_in, typed_from
from sprechzeit.records.policy import get_noted_session, may_sign_note
from sprechzeit.records.queries import is_signed, newest_number, open_note, other_writers, read_versions
from sprechzeit.records.views.sessions import session_context
from sprechzeit.ui.settings import saved

SEE_OTHER, CONFLICT = 303, 409


@require_POST
@visitor(StaffAndDelegates)
def draft(request: ActorRequest, session_id: str) -> HttpResponse:
    """Keep what is typed: every few seconds by the script, and on the way to another template; or throw it away."""
    found = get_noted_session(request.actor, parse_id(session_id))
    typed, url = typed_from(request.POST), reverse("records:session", args=[found.pk])
    if "discard" in request.POST:
        discard_draft(request.actor, found.pk, typed.draft_id or typed.pad)
        return saved(request, url, _("What was not saved is gone."))
    kept = keep_draft(request.actor, found.pk, typed)
    if "switch" in request.POST:
        chosen = urlencode({"template": request.POST.get("template", "")[:40]})
        return HttpResponseRedirect(f"{url}?{chosen}", status=SEE_OTHER)
    newest = newest_number(request.actor, found.pk)
    context = {
        "kept": kept,
        "hidden": draft_of_page(typed, kept),
        "is_behind": bool(kept) and typed.based_on != newest,
        "is_signed": is_signed(request.actor, found.pk),
        "zone": practice_of(request.actor).zone,
        "writers": other_writers(request.actor, found.pk, typed.pad),
        "session": {"id": found.pk},
    }
    return render(request, "records/session.html#draft", context)


@require_safe
@visitor(StaffAndDelegates)
def writers(request: ActorRequest, session_id: str) -> HttpResponse:
    """Who else writes this note, and since when: an open page asks again and again."""
    pad = request.GET.get("pad", "")
    context = {
        "writers": other_writers(request.actor, parse_id(session_id), parse_id(pad) if pad else None),
        "zone": practice_of(request.actor).zone,
    }
    return render(request, "records/session.html#writers", context)


@require_POST
@visitor(StaffAndDelegates)
def note(request: ActorRequest, session_id: str) -> HttpResponse:
    """Save a version. What cannot be saved is kept as a draft, and shown with the reason."""
    found = get_noted_session(request.actor, parse_id(session_id))
    typed = typed_from(request.POST)
    try:
        kept = keep_draft(request.actor, found.pk, typed)
        typed = replace(typed, draft_id=kept.pk if kept else None)
        write_note(request.actor, found.pk, typed)
    except WrittenMeanwhile as error:
        return _meanwhile(request, found, typed, error)
    except NoteSigned as error:
        return _page(request, found, error, amending="")
    except (NoteEmpty, NoteTooLong) as error:
        return _page(request, found, error, typed=typed)
    return saved(request, _next(request, found.pk))


def _next(request: ActorRequest, session_id: UUID) -> str:
    """On to signing where that was pressed."""
    return reverse("records:signature" if "sign" in request.POST else "records:session", args=[session_id])


def _page(
    request: ActorRequest, found: Session, error: DomainError, *, typed: Typed | None = None, amending: str = ""
) -> HttpResponse:
    """The page once more, with why not; what was typed stays."""
    context = session_context(request, found)
    context |= note_context(request.actor, found, amending=amending) | {"refusal": error.message}
    if typed:
        context["content"] = typed.content
    return render(request, "records/session.html", context, status=error.status)


def _meanwhile(request: ActorRequest, found: Session, typed: Typed, error: DomainError) -> HttpResponse:
    """Both versions beside each other. Saved from here it is based on what was read here."""
    context = session_context(request, found) | note_context(request.actor, found)
    newest = context["note"].newest
    compared = compare(newest.content, typed.content)
    context |= {"compared": compared, "content": typed.content, "refusal": error.message}
    context["hidden"] |= {"based_on": newest.number}
    return render(request, "records/meanwhile.html", context, status=CONFLICT)


@require_safe
@visitor(StaffAndDelegates)
def versions(request: ActorRequest, session_id: str) -> HttpResponse:
    """Everything the note ever said: one version, with what it changed in another."""
    found = get_noted_session(request.actor, parse_id(session_id))
    all_versions = {one.number: one for one in read_versions(request.actor, found.pk)}
    shown = all_versions.get(number_in(request.GET, "shown")) or next(iter(all_versions.values()))
    wanted = number_in(request.GET, "against") if "against" in request.GET else shown.number - 1
    against = all_versions.get(wanted)
    context = session_context(request, found) | {
        "versions": list(all_versions.values()),
        "shown": shown,
        "against": against,
        "compared": compare(against.content if against else None, shown.content),
        "zone": practice_of(request.actor).zone,
    }
    return render(request, "records/versions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def signature(request: ActorRequest, session_id: str) -> HttpResponse:
    """Sign the newest version. It is asked before, with the text that will be fixed."""
    found = get_noted_session(request.actor, parse_id(session_id))
    require(may_sign_note(request.actor, found), NotAllowed)
    url, refusal = reverse("records:session", args=[found.pk]), None
    if request.method == "POST":
        try:
            sign_note(request.actor, found.pk, number_in(request.POST, "number"))
            return saved(request, url, _("Signed. From now on amendments can be added."))
        except NoteSigned:
            return saved(request, url, _("This note is signed already."))
        except WrittenMeanwhile as error:
            refusal = error
    opened = open_note(request.actor, found.pk)
    if opened.newest is None or opened.signed:
        messages.info(request, str(NoteEmpty.message) if opened.newest is None else _("This note is signed already."))
        return HttpResponseRedirect(url, status=SEE_OTHER)
    context: dict[str, Any] = session_context(request, found) | {
        "note": opened,
        "refusal": refusal.message if refusal else "",
        "writers": other_writers(request.actor, found.pk, opened.draft.pad if opened.draft else None),
        "zone": practice_of(request.actor).zone,
    }
    return render(request, "records/signature.html", context, status=refusal.status if refusal else 200)


@require_POST
@visitor(StaffAndDelegates)
def amendments(request: ActorRequest, session_id: str) -> HttpResponse:
    """Add to a signed note."""
    found = get_noted_session(request.actor, parse_id(session_id))
    text = "\n".join(request.POST.get("amendment", "").splitlines()).strip()
    sent = request.POST.get("draft", "")
    try:
        amend_note(request.actor, found.pk, text, parse_id(sent) if sent else None)
    except (NoteEmpty, NoteTooLong) as error:
        return _page(request, found, error, amending=text)
    return saved(request, reverse("records:session", args=[found.pk]), _("The amendment was added."))
