"""Writes with more in them than the form has, and with ids that are another practice's (ACC-6).

What attackers of such systems did: `role=administrator` beside one's own name, another practice's patient in a hidden
field. Every form is sent as a browser would, and then so.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from sprechzeit.core.ids import new_id
from sprechzeit.scheduling.actions.hold import hold_token
from tests.support.cast import Cast, at, hold, monday
from tests.support.marked import Books
from tests.support.routes import signed_in
from tests.support.sent import Fields, form_on
from tests.support.tables import contents
from tests.support.visibility import text_of

pytestmark = [pytest.mark.req("ACC-6", "ACC-7", "ACC-1"), pytest.mark.usefixtures("still_clock")]


@dataclass(frozen=True)
class Form:
    """Where it is, of what, and what somebody types; `page`: it stands on another page than where it is sent."""

    name: str
    of: Callable[[Cast, Books], list[Any]] = lambda _cast, _books: []
    typed: Callable[[Cast, Books], dict[str, str]] = lambda _cast, _books: {}
    has_page: bool = True


def room(cast: Cast, _books: Books) -> list[Any]:
    return [cast.albers.rooms["own"].pk]


def calendar(cast: Cast, _books: Books) -> list[Any]:
    return [cast.albers.calendars["jonas"].pk]


def member(cast: Cast, _books: Books) -> list[Any]:
    return [cast.albers.members["jonas"].pk]


def kind(cast: Cast, _books: Books) -> list[Any]:
    return [cast.albers.types["talk"].pk]


def appointment(_cast: Cast, books: Books) -> list[Any]:
    return [books.appointments["jj"].pk]


def typing(**fields: str) -> Callable[[Cast, Books], dict[str, str]]:
    return lambda _cast, _books: fields


def visit(cast: Cast, books: Books) -> dict[str, str]:
    return {
        "patient": str(books.patients["jj"]), "type": str(cast.albers.types["talk"].pk),
        "calendar": str(cast.albers.calendars["jonas"].pk), "start": f"{monday(3):%Y-%m-%d}T10:00",
        "end": f"{monday(3):%Y-%m-%d}T10:50", "room": str(cast.albers.rooms["own"].pk),
    }  # fmt: skip


def elsewhere(cast: Cast, books: Books) -> dict[str, str]:
    return {name: value for name, value in visit(cast, books).items() if name not in ("patient", "type")}


def away(cast: Cast, _books: Books) -> dict[str, str]:
    day = f"{monday(4):%d.%m.%Y}"
    return {"calendar": str(cast.albers.calendars["jonas"].pk), "first_day": day, "last_day": day}


def new_shift(_cast: Cast, _books: Books) -> dict[str, str]:
    return {"works_on": f"{monday(4):%d.%m.%Y}", "starts": "18:00", "ends": "19:00"}


def successor(cast: Cast, _books: Books) -> dict[str, str]:
    return {"successor": str(cast.albers.members["miriam"].pk)}


FORMS = [
    Form("practice:facts", typed=typing(name="Anders")),
    Form("practice:booking", typed=typing(booking_text="Anders")),
    Form("practice:room", room, typing(name="Anders")),
    Form("practice:new_room", typed=typing(name="Anders")),
    Form("practice:room_place", room, typing(place="2"), has_page=False),
    Form("practice:member", member, typing(name="Anders")),
    Form("practice:suspension", member, typing(suspended="yes"), has_page=False),
    Form("practice:new_invitation", typed=typing(email="neu@example.org")),
    Form("scheduling_settings:calendar", calendar, typing(name="Anders")),
    Form("scheduling_settings:new_calendar", typed=typing(name="Anders", initials="AN")),
    Form("scheduling_settings:type", kind, typing(name="Anders")),
    Form("scheduling_settings:new_type", typed=typing(name="Anders", duration="30", grid="15")),
    Form("scheduling_settings:departure", member, successor, has_page=False),
    Form("scheduling_hours:new_shift", calendar, new_shift, has_page=False),
    Form("scheduling_hours:new_absence", typed=away),
    Form("scheduling:new", typed=visit),
    Form("scheduling:place", appointment, elsewhere, has_page=False),
    Form("scheduling:location", appointment, typing(location="phone"), has_page=False),
    Form("scheduling:remark", appointment, typing(remark="Anders"), has_page=False),
    Form("scheduling:cancellation", appointment, typing(reason="Anders"), has_page=False),
    Form("scheduling:new_block", typed=elsewhere),
    Form("scheduling_bookings:seen", typed=lambda _cast, books: {"booking": str(books.appointments["jj"].pk)},
         has_page=False),
]  # fmt: skip

# Names of columns, and what somebody would like to stand in them.
WISHED = {
    "practice": "practice", "practice_id": "practice", "owner": "member", "created_by": "member",
    "created_by_id": "member", "member": "member", "member_id": "member", "user": "user", "user_id": "user",
    "calendar_id": "calendar", "patient_id": "patient", "room_id": "room", "space": "space", "space_id": "space",
    "id": "new", "pk": "new", "role": "administrator", "status": "cancelled", "price": "1", "price_cents": "1",
    "plan": "unlimited", "source": "import", "slug": "mine", "reference": "mine", "made_online": "on",
    "seen_at": "2026-01-01T00:00Z", "seen_by": "me", "left_at": "2026-01-01T00:00Z", "retired_at": "",
    "suspended_at": "2026-01-01T00:00Z", "is_active": "on", "is_staff": "on", "is_superuser": "on",
    "account_number": "1", "number": "1", "overbooked": "on", "active": "on", "second_factor_roles": "secretary",
    "archived_at": "2026-01-01T00:00Z", "location": "home", "cancelled_by": "me", "recorded_by": "me",
}  # fmt: skip


@contextmanager
def undone() -> Iterator[None]:
    """What is done in here has not happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def foreign(cast: Cast, books: Books) -> dict[str, str]:
    """Things of the other practice."""
    house = cast.brandt
    return {
        "practice": str(house.practice.pk), "member": str(house.members["berta"].pk),
        "user": str(house.user("berta").pk), "calendar": str(house.calendars["berta"].pk),
        "patient": str(books.patients["bb"]), "room": str(house.rooms["own"].pk),
        "space": str(house.rooms["own"].space_id), "type": str(house.types["talk"].pk),
        "appointment": str(books.appointments["bb"].pk), "block": str(books.blocks["berta"]),
    }  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A form as it is sent by somebody who has it before them."""

    cast: Cast
    books: Books
    client: Client
    address: str
    fields: Fields

    def post(self, fields: Fields) -> Any:
        return self.client.post(self.address, fields)


@pytest.fixture
def sent(cast: Cast, books: Books, form: Form) -> Sent:
    client = signed_in(cast, "administrator")
    address = reverse(form.name, args=form.of(cast, books))
    fields = form_on(client.get(address).content.decode(), address) if form.has_page else {}
    typed = {name: [value] for name, value in form.typed(cast, books).items()}
    return Sent(cast, books, client, address, fields | typed)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_what_no_form_asks_for_is_not_taken(sent: Sent) -> None:
    """With and without it the same stands in every table."""
    before = contents(sent.cast)
    with undone():
        assert sent.post(sent.fields).status_code in (200, 302, 303)
        plain = contents(sent.cast)
    assert plain != before, "it changes something at all"
    theirs = foreign(sent.cast, sent.books) | {"new": str(new_id())}
    more: Fields = {name: [theirs.get(value, value)] for name, value in WISHED.items() if name not in sent.fields}
    with undone():
        assert sent.post(more | sent.fields).status_code in (200, 302, 303)
        assert contents(sent.cast) == plain


def ids_in(fields: Fields) -> list[str]:
    """The fields that name a thing."""
    return [name for name, (first, *_more) in fields.items() if re.fullmatch(r"[0-9a-f-]{36}", first)]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_what_is_another_practices_is_like_what_never_was(sent: Sent) -> None:
    """In any field that names a thing, of whatever kind: refused alike, and nothing of theirs is touched or told."""
    theirs, never = contents(sent.cast, "brandt"), str(new_id())
    told = {house: {one.word for one in sent.books.marks if one.house == house} for house in ("albers", "brandt")}
    secrets = told["brandt"] - told["albers"]
    for name in ids_in(sent.fields):
        with undone():
            wanted = plain(sent.post({**sent.fields, name: [never]}), never)
        for kind_of, key in foreign(sent.cast, sent.books).items():
            with undone():
                answer = sent.post({**sent.fields, name: [key]})
                assert plain(answer, key) == wanted, (name, kind_of)
                assert not [word for word in secrets if word in text_of(answer)]
                assert contents(sent.cast, "brandt") == theirs


def plain(answer: Any, key: str) -> str:
    """An answer but for what is drawn anew, and for the id that was sent."""
    text = f"{answer.status_code} {answer.headers.get('Location', '')} {answer.content.decode()}"
    for spelling in (key, quote(key), quote_plus(key)):
        text = text.replace(spelling, "")
    anew = r'name="(csrfmiddlewaretoken|(initial-)?key|pad)" value="[^"]*"|"X-CSRFToken": ?"[^"]*"|^DTSTAMP:.*$'
    return re.sub(anew, "", text, flags=re.MULTILINE)


@pytest.mark.req("BOO-3", "BOO-8")
def test_a_booking_takes_no_more_than_its_form_asks(cast: Cast) -> None:
    """Nobody books into another calendar, for another price, or as another practice's patient."""
    held = hold(cast.albers, "09:00", who="jonas", day=monday(3))
    address = reverse("portal:details", args=["albers", hold_token(held.pk)])
    good = {
        "first_name": "Paula", "last_name": "Sommer", "date_of_birth": "24.03.1985", "email": "p@example.org",
        "mobile": "0171 2345678", "insurance": "statutory", "privacy": "on",
    }  # fmt: skip
    with undone():
        assert Client().post(address, good).status_code == 303
        wanted = contents(cast)
    theirs = {name: str(getattr(cast.brandt, name + "s")["berta"].pk) for name in ("member", "calendar")}
    more = {name: theirs.get(value, value) for name, value in WISHED.items() if name not in good}
    later = {"starts_at": at("15:00").isoformat(), "start": "20260101T0800Z", "type": str(cast.brandt.types["talk"].pk)}
    with undone():
        assert Client().post(address, more | later | good).status_code == 303
        assert contents(cast) == wanted
