"""Who booked by video gets link and TAN though the type confirms nothing: nobody comes in without (NOT-3, PUSH-8)."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.messages.actions import save_template
from sprechzeit.messages.actions.reminders import switch_messages
from sprechzeit.messages.jobs import bring_link, send_booked
from sprechzeit.messages.models import Message
from sprechzeit.messages.template_events import TemplateKey
from sprechzeit.practice.models import VideoService
from sprechzeit.scheduling.actions.book import Details, book_held_time
from sprechzeit.scheduling.actions.hold import hold_token
from sprechzeit.scheduling.actions.settings import change_type
from sprechzeit.scheduling.models import Appointment
from tests.messages.test_sending import posting_to, send
from tests.messages.test_waits_for_link import URL, arrives, words
from tests.support.cast import Cast, book, hold, identity
from tests.support.mailbox import Mailbox
from tests.support.routes import signed_in
from tests.support.video_service import booked, cancelled_by, held_elsewhere

pytestmark = pytest.mark.req("BOO-10", "NOT-3")


@pytest.fixture(autouse=True)
def _unconfirmed(cast: Cast, mailbox: Mailbox) -> Iterator[None]:
    """Calls are held by video, and the type sends no confirmation."""
    held_elsewhere(cast.albers, URL)
    with acting(cast.albers.system):
        for name in ("call", "talk"):
            change_type(cast.albers.system, cast.albers.types[name].pk, {"confirms_to_patient": False})
    with posting_to(mailbox):
        yield


def held_here(cast: Cast) -> Appointment:
    with acting(cast.albers.system):
        VideoService.objects.update(kind=VideoService.HERE, url="", token=None)
    return booked(cast.albers)


def test_held_here_link_and_tan_go_alone_and_once(cast: Cast, mailbox: Mailbox) -> None:
    found = held_here(cast)
    for _ in range(2):
        send(found)
        send(found, job=bring_link)
    (mail,) = mailbox.mails()
    assert "/video/" in words(mail) and "TAN: " in words(mail)
    with acting(cast.albers.system):
        assert Message.objects.get().kind == Message.Kind.VIDEO_LINK


@pytest.mark.req("PUSH-8")
def test_held_elsewhere_they_go_when_the_service_answers(cast: Cast, mailbox: Mailbox) -> None:
    found = booked(cast.albers)
    send(found)
    assert mailbox.mails() == []
    arrives(cast, found)
    for _ in range(2):
        send(found, job=bring_link)
        send(found, job=send_booked)
    (mail,) = mailbox.mails()
    assert f"{URL}/one" in words(mail) and "424242" in words(mail)


def test_not_where_it_is_not_by_video_was_cancelled_or_the_text_keeps_it_back(cast: Cast, mailbox: Mailbox) -> None:
    send(book(cast.albers, "10:00"))
    gone = held_here(cast)
    cancelled_by(cast.albers.system, gone)
    send(gone)
    with acting(cast.albers.system):
        save_template(
            cast.albers.actor("miriam"),
            TemplateKey("video_link", "email", "de", cast.albers.types["call"].pk),
            "",
            "NOEMAIL",
        )
    send(booked(cast.albers, "11:00"))
    assert mailbox.mails() == []


@pytest.mark.req("NOT-6")
def test_where_another_system_writes_nothing_goes_and_the_pages_say_so(cast: Cast, mailbox: Mailbox) -> None:
    said = "Link and TAN do not go out from here"
    pages = ["/messages/reminders/", f"/settings/types/{cast.albers.types['call'].pk}/", "/settings/video-service/"]
    client = signed_in(cast, "administrator")

    def shown(address: str) -> str:
        return client.get(address, headers={"accept-language": "en"}).content.decode()

    assert not [one for one in pages if said in shown(one)]
    assert "or from nobody" in shown(pages[0]) and "a message of their own" in shown(pages[1])
    with acting(cast.albers.system):
        switch_messages(cast.albers.system, to_patients=False, to_practitioners=True)
    assert [one for one in pages if said in shown(one)] == pages
    send(held_here(cast))
    assert mailbox.mails() == []


def test_the_booking_page_promises_just_that(cast: Cast) -> None:
    kept = hold(cast.albers, "09:00", kind="call")
    with acting(cast.albers.visitor):
        book_held_time(cast.albers.visitor, hold_token(kept.pk), Details(identity()))
    address = reverse("portal:done", args=["albers", hold_token(kept.pk)])
    shown = Client().get(address, headers={"accept-language": "en"}).content.decode()
    assert "The link and the TAN for your appointment come to you by e-mail." in shown
    assert "No e-mail follows" not in shown
