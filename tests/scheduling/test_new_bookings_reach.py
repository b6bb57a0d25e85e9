"""How the work list says who booked, how they are reached, and where it leads (BOO-12, BOO-4)."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.book import Contact, Details, book_held_time
from sprechzeit.scheduling.actions.hold import hold_token
from tests.scheduling.test_new_bookings import page
from tests.support.cast import Cast, hold, identity

pytestmark = pytest.mark.req("BOO-12")


@pytest.fixture
def jana(cast: Cast) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(cast.albers.user("jana"))
    return client


@pytest.mark.req("BOO-4")
def test_it_says_who_booked_and_the_insurance(cast: Cast, jana: Client) -> None:
    held = hold(cast.albers, "09:00")
    petra = Contact("child", "Petra", "Kind", "petra@example.org", "0171 5550101")
    with acting(cast.albers.visitor):
        details = Details(identity(first_name="Mia", last_name="Kind"), insurance="private", booker=petra)
        book_held_time(cast.albers.visitor, hold_token(held.id), details)
    shown = page(jana)
    assert "Petra Kind booked it for their child" in shown and 'href="tel:01715550101"' in shown
    assert "Insurance: Private" in shown
    assert "petra@example.org" not in shown, "a phone is enough"


@pytest.mark.req("BOO-4")
def test_who_booked_without_a_phone_is_reached_by_mail(cast: Cast, jana: Client) -> None:
    held = hold(cast.albers, "09:00")
    petra = Contact("child", "Petra", "Kind", "petra@example.org", "")
    with acting(cast.albers.visitor):
        details = Details(identity(first_name="Mia", last_name="Kind"), booker=petra)
        booked = book_held_time(cast.albers.visitor, hold_token(held.id), details)
    shown = page(jana)
    assert 'href="mailto:petra@example.org"' in shown
    assert re.search(rf'href="/\?day=[^"]+#{booked.pk}"', shown), "in the book, its details open"


def test_what_a_button_does_opened_by_itself_says_what_to_do(jana: Client) -> None:
    answer = jana.get(reverse("scheduling_bookings:seen"))
    assert answer.status_code == 405 and answer["Allow"] == "POST"
    assert "press the button there" in answer.content.decode()
