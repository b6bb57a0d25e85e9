"""The settings of the practice and its rooms."""

from collections.abc import Collection
from copy import copy
from uuid import UUID

from django.conf import settings
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.core.requests import takes_file
from sprechzeit.practice.actions import (
    add_room,
    change_booking_page,
    change_practice,
    change_room,
    place_room,
)
from sprechzeit.practice.errors import ImageTooLarge, NameTaken, NotAnImage, RoomsFull
from sprechzeit.practice.forms import BookingPageForm, PracticeForm, RoomForm, once_per_form
from sprechzeit.practice.logo import MOST_BYTES
from sprechzeit.practice.models import Room
from sprechzeit.practice.policy import get_room, may_change_practice, visible_rooms
from sprechzeit.practice.queries import closed_rooms, practice_of, video_service
from sprechzeit.practice.rights_page import tables
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.ui.settings import Listing, Thing, form_key, place_in, saved


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def facts(request: ActorRequest) -> HttpResponse:
    """The practice's data; administrators change them."""
    may_change = may_change_practice(request.actor)
    data = request.POST if request.method == "POST" else None
    form = PracticeForm(data, instance=practice_of(request.actor), may_change=may_change)
    if request.method == "POST" and form.is_valid():
        change_practice(request.actor, form.changes())
        return saved(request, reverse("practice:facts"))
    context = {"form": form, "may_change": may_change}
    return render(request, "practice/facts.html", context, status=_status(form))


@takes_file(MOST_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def booking(request: ActorRequest) -> HttpResponse:
    """The booking page: what it shows, what patients may do there, which websites show it (BOO-1)."""
    may_change = may_change_practice(request.actor)
    practice = practice_of(request.actor)
    posted = request.method == "POST"
    form = BookingPageForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        instance=copy(practice),
        may_change=may_change,
    )
    if posted and form.is_valid():
        try:
            change_booking_page(request.actor, form.page())
            return saved(request, reverse("practice:booking"))
        except (NotAnImage, ImageTooLarge) as refused:
            form.add_error("logo", str(refused))
    elif request.FILES and "logo" not in form.errors:
        # A page cannot give a chosen file back.
        form.add_error("logo", _("Please choose the image once more."))
    home = f"{settings.PUBLIC_URL}/book"
    context = {
        "form": form,
        "may_change": may_change,
        "practice": practice,
        "video_off": practice.online_location == "video" and video_service(request.actor) is None,
        "page_url": f"{home}/{practice.slug}/",
        "snippet": _snippet(f"{home}/{practice.slug}/", f"{home}/embed.js"),
    }
    return render(request, "practice/booking.html", context, status=_status(form))


def _snippet(page_url: str, script_url: str) -> str:
    """What a practice puts into its own website: a link, which the script makes the page itself."""
    link = _("Book an appointment")
    return f'<a data-sprechzeit href="{page_url}">{link}</a>\n<script src="{script_url}" async></script>'


@require_safe
@visitor(Staff)
def rights(request: ActorRequest) -> HttpResponse:
    """The one table of who may do what (ACC-7), for administrators."""
    require(may_change_practice(request.actor), NotAllowed)
    # Nothing in it takes the focus: by keyboard it is scrolled itself, and that has a name.
    context = {"tables": list(tables()), "scrolled": _("Who may do what")}
    return render(request, "practice/rights.html", context)


@require_safe
@visitor(Staff)
def rooms(request: ActorRequest) -> HttpResponse:
    """The rooms, and the first one's form."""
    first = visible_rooms(request.actor).filter(retired_at=None).order_by("position", "name").first()
    return _page(request, first, _form(request, first) if first else None, chosen=False)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def new_room(request: ActorRequest) -> HttpResponse:
    """A room more."""
    require(may_change_practice(request.actor), NotAllowed)
    form = _form(request, Room())

    def make(new: UUID) -> None:
        add_room(request.actor, room_id=new, **form.facts())

    if request.method == "POST" and form.is_valid():
        try:
            made = once_per_form(request.actor, "room", request.POST, make)
            return saved(request, reverse("practice:room", args=[made]))
        except NameTaken as taken:
            form.add_error("name", str(taken))
        except RoomsFull as full:
            form.add_error(None, str(full))
    return _page(request, None, form)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def room(request: ActorRequest, room_id: str) -> HttpResponse:
    """One room, to be changed by administrators."""
    found = get_room(request.actor, parse_id(room_id))
    form = _form(request, found)
    if request.method == "POST" and form.is_valid():
        try:
            change_room(request.actor, found.pk, form.changes())
            return saved(request, reverse("practice:room", args=[found.pk]))
        except NameTaken as taken:
            form.add_error("name", str(taken))
    return _page(request, found, form)


@require_POST
@visitor(Staff)
def room_place(request: ActorRequest, room_id: str) -> HttpResponse:
    """Put a room before or after another."""
    place_room(request.actor, parse_id(room_id), place_in(request.POST))
    return saved(request, reverse("practice:room", args=[parse_id(room_id)]))


def _form(request: ActorRequest, found: Room) -> RoomForm:
    # The page's heading names the room as it is, not as it is typed.
    return RoomForm(
        request.POST if request.method == "POST" else None,
        instance=copy(found),
        may_change=may_change_practice(request.actor),
    )


def _thing(found: Room, closed: Collection[UUID]) -> Thing:
    url = reverse("practice:room", args=[found.pk])
    detail = _("Closed by the plan: takes nothing new") if found.pk in closed else ""
    return Thing(found.pk, found.name, url, found.colour, detail, retired=found.retired_at is not None)


def _page(request: ActorRequest, found: Room | None, form: RoomForm | None, *, chosen: bool = True) -> HttpResponse:
    may_change = may_change_practice(request.actor)
    closed = closed_rooms(request.actor)
    listing = Listing(
        url=reverse("practice:rooms"),
        things=[_thing(one, closed) for one in visible_rooms(request.actor).order_by("position", "name")],
        current=_thing(found, closed) if found else None,
        chosen=chosen,
        new_url=reverse("practice:new_room") if may_change else "",
        place_url=reverse("practice:room_place", args=[found.pk]) if found and may_change else "",
        retirement_url=reverse("scheduling_settings:room_retirement", args=[found.pk]) if found and may_change else "",
        save=may_change,
        key="" if found else request.POST.get("key", "") or form_key(),
    )
    return render(request, "practice/rooms.html", {"listing": listing, "form": form}, status=_status(form))


def _status(form: BaseForm | None) -> int:
    return 422 if form and form.errors else 200
