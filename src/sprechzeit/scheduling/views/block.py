"""Blocks: time that is taken without a patient."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.core.crypto import link_token
from sprechzeit.core.errors import NotFound
from sprechzeit.core.ids import new_id, parse_id
from sprechzeit.practice.once import KeyReused
from sprechzeit.practice.visitors import ActorRequest, StaffAndDelegates, visitor
from sprechzeit.scheduling.actions.block import add_block, move_block, remove_block
from sprechzeit.scheduling.block_page import block_details
from sprechzeit.scheduling.errors import ChangedMeanwhile, ImpossibleLength, NotOffered, TimeTaken
from sprechzeit.scheduling.forms.appointment import BlockForm, MoveForm, PlaceForm
from sprechzeit.scheduling.models import Block
from sprechzeit.scheduling.policy import enterable_calendars, get_block
from sprechzeit.scheduling.queries.changes import last_change
from sprechzeit.scheduling.views.answers import done, explained, is_fragment, refused

UNPROCESSABLE, CONFLICT = 422, 409
FROM_THE_BOOK = ("calendar", "start", "end", "room", "fold")


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def new_block(request: ActorRequest) -> HttpResponse:
    """Take time without a patient."""
    if request.method != "POST":
        initial = {name: request.GET[name] for name in FROM_THE_BOOK if request.GET.get(name)}
        if not enterable_calendars(request.actor).exists():
            raise NotFound
        return _form(request, BlockForm(actor=request.actor, initial=initial | {"key": link_token("form", new_id())}))
    form = BlockForm(request.POST, actor=request.actor)
    if not form.is_valid():
        return _form(request, form, status=UNPROCESSABLE)
    given = form.cleaned_data
    try:
        block = add_block(request.actor, form.place(), given["title"], key=given["key"], confirmed=form.accepted())
    except KeyReused as error:
        form.add_error(None, str(error.message))
        return _form(request, form, status=UNPROCESSABLE)
    except (NotOffered, TimeTaken) as error:
        return _form(request, form, status=CONFLICT, refusal=explained(request.actor, error))
    return _done(request, block, _("Block entered"))


def _form(request: ActorRequest, form: PlaceForm, *, status: int = 200, refusal: object = None) -> HttpResponse:
    as_page = not is_fragment(request)
    context = {"form": form, "refusal": refusal, "accepted": form.data.get("confirmed", ""), "as_page": as_page}
    return render(request, "scheduling/block.html" if as_page else "scheduling/block.html#form", context, status=status)


@require_safe
@visitor(StaffAndDelegates)
def block(request: ActorRequest, block_id: str) -> HttpResponse:
    """A block's details, for the popover."""
    found = get_block(request.actor, parse_id(block_id))
    as_page = not is_fragment(request)
    context = {"blocked": block_details(request.actor, found), "as_page": as_page}
    return render(request, "scheduling/block.html" if as_page else "scheduling/block.html#block", context)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def block_place(request: ActorRequest, block_id: str) -> HttpResponse:
    """Move or resize a block: by dragging, or by the form."""
    found = get_block(request.actor, parse_id(block_id))
    if request.method != "POST":
        return _move_form(request, found, MoveForm(actor=request.actor, standing=found).proposing(request.GET))
    form = MoveForm(request.POST, actor=request.actor, standing=found)
    if not form.is_valid():
        return _move_form(request, found, form, status=UNPROCESSABLE)
    former = found.calendar_id
    try:
        moved = move_block(request.actor, found.id, form.place(), confirmed=form.accepted())
    except ImpossibleLength as error:
        form.add_error("end", str(error.message))
        return _move_form(request, found, form, status=UNPROCESSABLE)
    except (NotOffered, TimeTaken, ChangedMeanwhile) as error:
        if "form" in request.POST:
            return _move_form(request, found, form, status=CONFLICT, refusal=explained(request.actor, error))
        return refused(request, error)
    return done(
        request,
        _("Block moved"),
        calendars=(former, moved.calendar_id),
        at=moved.starts_at,
        change=last_change(request.actor, moved),
    )


def _move_form(
    request: ActorRequest, found: Block, form: MoveForm, *, status: int = 200, refusal: object = None
) -> HttpResponse:
    template = "scheduling/place.html#form" if is_fragment(request) else "scheduling/place.html"
    page = {"form": form.shown(), "blocked": found, "refusal": refusal, "accepted": form.data.get("confirmed", "")}
    return render(request, template, page, status=status)


@require_POST
@visitor(StaffAndDelegates)
def block_removal(request: ActorRequest, block_id: str) -> HttpResponse:
    """Free a block's time."""
    removed = remove_block(request.actor, parse_id(block_id))
    return _done(request, removed, _("Block removed"))


def _done(request: ActorRequest, block: Block, message: str) -> HttpResponse:
    return done(
        request,
        message,
        calendars=[block.calendar_id],
        at=block.starts_at,
        change=last_change(request.actor, block),
        close_details="details" in request.POST,
    )
