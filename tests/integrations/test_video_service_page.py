"""The page of the video service, for administrators (PUSH-2, PUSH-5, PUSH-6, PUSH-8, VID-5)."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from sprechzeit.core import calls
from sprechzeit.core.acting import acting
from sprechzeit.core.crypto import token_hash
from sprechzeit.core.ids import new_id
from sprechzeit.integrations.video_service import adapters, reaching
from sprechzeit.integrations.video_service.jobs import push_all, push_appointment
from sprechzeit.integrations.video_service.models import Push
from sprechzeit.practice.models import VideoService, VideoToken
from sprechzeit.scheduling.models import Calendar
from tests.core.test_calls import made_certificate
from tests.scheduling.test_move import move
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.hook_peer import hook_peer
from tests.support.mailbox import free_port
from tests.support.routes import PEOPLE, client_of, signed_in
from tests.support.video_peer import TOKEN, VideoPeer, video_peer
from tests.support.video_service import (
    booked,
    held_elsewhere,
    link_of,
    push,
    pushes,
    service_of,
    states,
    waiting_jobs,
)

pytestmark = pytest.mark.req("PUSH-2")

PAGE = "/settings/video-service/"


@pytest.fixture
def client(cast: Cast) -> Client:
    return english(cast)


def english(cast: Cast, person: str = "administrator") -> Client:
    made = signed_in(cast, person) if person == "administrator" else client_of(cast, person)
    made.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return made


def page(client: Client) -> str:
    return client.get(PAGE).content.decode()


def typed(client: Client, **facts: Any) -> dict[str, Any]:
    """The form as it was shown, with what was typed."""
    shown = page(client)
    hidden = dict(re.findall(r'<input type="hidden" name="(initial-[a-z_]+)" value="([^"]*)"', shown))
    sent = {"kind": "here", "shown_as": "first_name", "link_wait_minutes": "15", "url": "", "new_token": ""}
    return hidden | sent | facts


def test_the_first_time_nothing_is_switched_on(cast: Cast, client: Client) -> None:
    shown = page(client)
    assert "Off" in shown and "Here, in Sprechzeit" in shown and "At a video service: Sprechzeit" in shown
    assert client.post(PAGE, typed(client, is_on="on")).status_code == 303
    assert service_of(cast.albers).is_here and service_of(cast.albers).is_on
    (job,) = waiting_jobs("integrations.push_all")
    push_all.work(0, **job.args)
    assert waiting_jobs("integrations.push_appointment") == waiting_jobs("messages.bring_link") == []


@pytest.mark.req("PUSH-9")
def test_a_service_elsewhere_is_chosen_and_told_of_what_comes(cast: Cast, client: Client) -> None:
    held_elsewhere(cast.albers, "https://former.example")
    found = booked(cast.albers)
    with acting(cast.albers.system):
        VideoService.objects.all().delete()
    with video_peer() as peer:
        with acting(cast.albers.system):
            type(found).objects.filter(pk=found.pk).update(location="video")
        facts = {"kind": "sprechzeit", "is_on": "on", "url": peer.url, "new_token": TOKEN}
        assert client.post(PAGE, typed(client, **facts)).status_code == 303
        service = service_of(cast.albers)
        assert (service.kind, service.url, service.is_on) == ("sprechzeit", peer.url, True)
        with acting(cast.albers.system):
            assert VideoService.objects.get().token == TOKEN
        assert TOKEN not in page(client)
        (job,) = waiting_jobs("integrations.push_all")
        push_all.work(0, **job.args)
        for one in waiting_jobs("integrations.push_appointment"):
            push_appointment.work(0, **one.args)
        assert peer.effects == ["POST"]
        assert link_of(cast.albers, found) is not None


@pytest.mark.req("PUSH-1", "PUSH-9")
@pytest.mark.parametrize("end", ["/api/video/v1", "/api/video/v1/", "/"])
def test_the_address_may_be_typed_as_the_video_side_shows_it(cast: Cast, client: Client, end: str) -> None:
    """There it stands with the path of its interface, to be copied."""
    with video_peer() as peer:
        facts = {"kind": "sprechzeit", "is_on": "on", "url": peer.url + end, "new_token": TOKEN}
        assert client.post(PAGE, typed(client, **facts)).status_code == 303
        assert service_of(cast.albers).url == peer.url
        assert "The service answers" in client.post(PAGE + "test/").content.decode()


WRONG = [
    ({"kind": "sprechzeit", "is_on": "on", "new_token": "t"}, "whole address"),
    ({"kind": "sprechzeit", "is_on": "on", "url": "https://video.example"}, "enter the token"),
    ({"kind": "sprechzeit", "url": "http://video.example", "new_token": "t"}, "whole address"),
    ({"kind": "sprechzeit", "url": "https://10.1.2.3", "new_token": "t"}, "whole address"),
    ({"kind": "sprechzeit", "url": "https://me:secret@video.example", "new_token": "t"}, "whole address"),
    ({"kind": "unheard-of"}, "valid choice"),
    ({"link_wait_minutes": "1441"}, "from 0 to 1.440|from 0 to 1,440|from 0 to 1440"),
]


@pytest.mark.parametrize(("facts", "said"), WRONG)
def test_what_cannot_be_is_said_beside_the_field(
    cast: Cast, client: Client, settings: Any, facts: dict[str, str], said: str
) -> None:
    settings.WEBHOOK_NETWORKS = ()
    answer = client.post(PAGE, typed(client, **facts))
    assert answer.status_code == 422
    assert re.search(said, answer.content.decode())
    with acting(cast.albers.system):
        assert not VideoService.objects.exists()


def test_a_token_goes_to_no_other_address(cast: Cast, client: Client, peer: VideoPeer) -> None:
    """Else who may change the address could read it."""
    answer = client.post(PAGE, typed(client, kind="sprechzeit", is_on="on", url="https://elsewhere.example"))
    assert answer.status_code == 422 and "enter the token" in answer.content.decode()
    assert service_of(cast.albers).url == peer.url


@pytest.mark.req("PUSH-10")
def test_a_token_of_our_own_is_refused(cast: Cast, client: Client, peer: VideoPeer) -> None:
    with acting(cast.albers.system):
        VideoToken.objects.create(
            practice=cast.albers.practice, name="own", token_hash=token_hash("vt_own"),
            made_by=cast.albers.members["miriam"],
        )  # fmt: skip
    facts = {"kind": "sprechzeit", "is_on": "on", "url": peer.url, "new_token": "vt_own"}
    answer = client.post(PAGE, typed(client, **facts))
    assert answer.status_code == 422 and "own practice" in answer.content.decode()


@pytest.mark.req("PUSH-6")
def test_beside_initials_there_is_no_last_name(cast: Cast, client: Client, peer: VideoPeer) -> None:
    facts = {"kind": "sprechzeit", "is_on": "on", "url": peer.url, "shown_as": "initials", "sends_last_name": "on"}
    assert client.post(PAGE, typed(client, **facts)).status_code == 303
    service = service_of(cast.albers)
    assert (service.shown_as, service.sends_last_name) == ("initials", False)


@pytest.mark.req("PUSH-3")
def test_the_connection_works_and_whom_it_does_not_know(cast: Cast, client: Client, peer: VideoPeer) -> None:
    with acting(cast.albers.system):
        jonas = cast.albers.calendars["jonas"]
        Calendar.objects.filter(pk=jonas.pk).update(video_reference="nobody-there")
    shown = client.post(PAGE + "test/").content.decode()
    assert "The service answers" in shown and "knows 2 practitioners" in shown
    assert "Miriam Albers: Dr. Albers" in shown
    assert "nobody-there" in shown and f"/settings/calendars/{jonas.pk}/" in shown
    assert [one["method"] for one in peer.calls()] == ["GET"]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("401", "refused the token"),
        ("404", "no interface for pushing"),
        ("500", "fault of its own"),
        ("302", "named another address"),
        ("page", "no interface for pushing"),
        ("429:60", "left alone"),
        ("reset", "broke off"),
    ],
)
def test_what_is_wrong_is_said_in_words(cast: Cast, client: Client, peer: VideoPeer, word: str, said: str) -> None:
    peer.answers(word)
    shown = client.post(PAGE + "test/").content.decode()
    assert "cannot be used as it is" in shown and said in shown
    if word == "404":
        return
    assert "Not reached" in page(client)
    peer.stop()
    peer.answers("ok")
    peer.start()
    client.post(PAGE + "test/")
    assert service_of(cast.albers).fault == "" and "Not reached" not in page(client)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://nobody-has-this-name.invalid", "is not known"),
        ("http://127.0.0.1:{port}", "No connection"),
        ("https://localhost:{other}", "certificate"),
    ],
)
def test_an_address_at_which_nobody_is(
    cast: Cast, client: Client, peer: VideoPeer, tmp_path: Path, url: str, said: str
) -> None:
    with hook_peer(certificate=made_certificate("localhost", tmp_path)) as other:
        with acting(cast.albers.system):
            VideoService.objects.update(url=url.format(port=free_port(), other=other.port))
        assert said in client.post(PAGE + "test/").content.decode()


@pytest.mark.own_database
def test_the_database_is_not_kept_waiting_for_the_service(
    cast: Cast, own_database: Databases, peer: VideoPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No transaction is open while it is asked; what another one answers that was left meanwhile is not noted."""
    open_while_asked: list[bool] = []

    def asked(*given: Any, **named: Any) -> Any:
        open_while_asked.append(connection.in_atomic_block)
        with acting(cast.albers.system):
            VideoService.objects.update(url="https://elsewhere.example")
        return calls.call(*given, **named)

    monkeypatch.setattr(reaching, "call", asked)
    peer.change(writes=True)
    shown = english(cast).post(PAGE + "test/").content.decode()
    assert "The service answers" in shown and open_while_asked == [False]
    assert service_of(cast.albers).writes_itself is None


def test_a_token_that_is_wrong(cast: Cast, client: Client, peer: VideoPeer) -> None:
    held_elsewhere(cast.albers, peer.url, token="vt_wrong")
    assert "refused the token" in client.post(PAGE + "test/").content.decode()


def test_a_token_that_no_header_can_hold(cast: Cast, client: Client, peer: VideoPeer) -> None:
    """Pasted with what stood around it."""
    held_elsewhere(cast.albers, peer.url, token="„vt_peer“")
    assert "cannot be used as it is" in client.post(PAGE + "test/").content.decode()


@pytest.mark.req("PUSH-5", "PUSH-8")
def test_the_practice_sees_what_is_wrong_and_sends_it_again(cast: Cast, client: Client, peer: VideoPeer) -> None:
    """On the page, and as a number beside it; once it is taken, no more."""
    badge = '<span class="badge warn push num">1</span>'
    peer.answers("500", "422", "ok")
    found = booked(cast.albers)
    push(found)
    shown = page(client)
    assert "fault of its own" in shown and "1 change waits" in shown and "last answer 500" in shown
    assert "does not come back" in shown
    assert "Sommer" not in shown and "Paula" not in shown, "whose appointment it is, the appointment says"
    assert client.get("/").content.decode().count(badge) == 1
    assert badge not in english(cast, "secretary").get("/").content.decode()
    push(found)
    shown = page(client)
    assert "The service did not take 1 change:" in shown
    (one,) = pushes(cast.albers)
    before = len(waiting_jobs("integrations.push_appointment"))
    assert client.post(reverse("video_service:again", args=[one.pk])).status_code == 303
    assert len(waiting_jobs("integrations.push_appointment")) == before + 1
    push(found)
    assert states(cast.albers) == [("create", "sent", "")]
    assert badge not in client.get("/").content.decode()


def test_left_at_that(cast: Cast, client: Client, peer: VideoPeer) -> None:
    peer.answers("422")
    push(booked(cast.albers))
    assert client.post(PAGE + "aside/").status_code == 303
    assert states(cast.albers) == [("create", "left_out", "put_aside")]
    assert "did not take 1 change" not in page(client)


@pytest.mark.req("PUSH-5")
def test_what_a_later_change_says_is_not_sent_again(cast: Cast, client: Client, peer: VideoPeer) -> None:
    peer.answers("422", "ok")
    found = booked(cast.albers)
    push(found)
    move(cast, found, "11:00", minutes=20)
    push(found)
    first, _second = pushes(cast.albers)
    address = reverse("video_service:again", args=[first.pk])
    shown = page(client)
    assert address not in shown
    assert "did not take" not in shown and "Not taken" not in shown, "all is as it should be"
    assert states(cast.albers) == [("create", "left_out", "later"), ("create", "sent", "")]
    assert client.post(address).status_code == 303
    assert states(cast.albers) == [("create", "left_out", "later"), ("create", "sent", "")]


@pytest.mark.req("PUSH-4", "PUSH-5")
def test_what_stands_there_still_by_another_reference_stays_a_trouble(
    cast: Cast, client: Client, peer: VideoPeer
) -> None:
    """In another calendar it was cancelled in the former one, which the service refused."""
    peer.answers("ok", "422", "ok")
    found = booked(cast.albers)
    push(found)
    move(cast, found, "11:00", minutes=20, who="jonas")
    push(found)
    assert [state for _kind, state, _why in states(cast.albers)] == ["sent", "failed", "sent"]
    assert "did not take 1 change" in page(client)


@pytest.mark.req("VID-5")
def test_where_both_write_the_page_warns(cast: Cast, client: Client, peer: VideoPeer) -> None:
    assert "it does not say" in page(client)
    client.post(PAGE + "test/")
    assert "it does not say" not in page(client) and "two confirmations" not in page(client)
    peer.change(writes=True)
    client.post(PAGE + "test/")
    assert "two confirmations" in page(client)


@pytest.mark.req("ACC-6", "ACC-7")
@pytest.mark.parametrize("person", [one for one in PEOPLE if one != "administrator"])
def test_nobody_else(cast: Cast, peer: VideoPeer, person: str) -> None:
    peer.answers("422")
    push(booked(cast.albers))
    (one,) = pushes(cast.albers)
    client = client_of(cast, person)
    expected = {"stranger": (200, 303, 404), "anonymous": (302,)}.get(person, (302, 403, 404))
    for answer in (
        client.get(PAGE),
        client.post(PAGE + "test/"),
        client.post(reverse("video_service:again", args=[one.pk])),
        client.post(PAGE + "aside/"),
    ):
        assert answer.status_code in expected or (person == "stranger" and answer.status_code == 422)
        assert peer.url not in answer.content.decode()
    with acting(cast.albers.system):
        assert Push.objects.get().state == "failed"
    assert len(peer.calls()) == 1


def test_ids_that_never_were(client: Client) -> None:
    assert client.post(reverse("video_service:again", args=[new_id()])).status_code == 404


@pytest.mark.req("PUSH-9")
def test_a_service_of_somebody_else_is_one_file_more(
    cast: Cast, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It speaks otherwise: forms of its own, and one address for all."""
    (tmp_path / "elsewhere.py").write_text(ELSEWHERE)
    monkeypatch.setattr(adapters, "__path__", [*adapters.__path__, str(tmp_path)])
    assert "At a video service: Video Elsewhere" in page(client)
    with video_peer("207") as peer:
        held_elsewhere(cast.albers, peer.url, kind="elsewhere")
        found = booked(cast.albers)
        push(found)
        (call,) = peer.calls()
        assert call["path"] == "/rooms" and '"who":"Paula"' in call["body"]
    assert link_of(cast.albers, found) == ("https://elsewhere.example/room", "7")


ELSEWHERE = """
from sprechzeit.integrations.video_service.contract import Known, NotTaken, Taken

LABEL = "Video Elsewhere"


class Service:
    def __init__(self, place):
        self.place = place

    def create(self, visit, key):
        headers = {"Authorization": f"Bearer {self.place.token}"}
        spoken = self.place.ask("PUT", "/rooms", headers, {"who": visit.first_name, "ref": visit.reference})
        if spoken.status != 207:
            raise NotTaken("error", status=spoken.status, in_doubt=True)
        return Taken("https://elsewhere.example/room", "7")

    change = create

    def cancel(self, reference, key):
        self.place.ask("DELETE", f"/rooms/{reference}", {})

    def known(self):
        return Known({})


connect = Service
"""
