"""The page of the video side: tokens shown once, user ids, who writes to patients (PUSH-1, VID-5)."""

import re
from typing import Any

import pytest
from django.test import Client

from sprechzeit.core.acting import acting
from sprechzeit.practice.models import Practice, VideoToken
from sprechzeit.video.actions.tokens import PREFIX, note_use
from sprechzeit.video.models import Visit
from tests.support.cast import Cast
from tests.support.pusher import Pusher
from tests.support.routes import client_of, signed_in

pytestmark = pytest.mark.req("PUSH-1")

PAGE = "/settings/video-side/"
ENGLISH = {"Accept-Language": "en"}
SECRET = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")


def make(client: Client, name: str = "Terminportal", key: str = "k" * 24, **facts: str) -> Any:
    return client.post(f"{PAGE}tokens/", {"name": name, "key": key, **facts}, headers=ENGLISH)


def tokens(cast: Cast) -> list[VideoToken]:
    with acting(cast.albers.system):
        return list(VideoToken.objects.order_by("made_at"))


def test_a_token_is_shown_once_and_kept_as_a_hash(cast: Cast) -> None:
    client = signed_in(cast, "administrator")
    made = make(client)
    assert made.status_code == 201 and made["Cache-Control"] == "no-store"
    (secret,) = set(SECRET.findall(made.content.decode()))
    (token,) = tokens(cast)
    assert (token.name, token.made_by_id, token.last_used_at) == (
        "Terminportal", cast.albers.members["miriam"].pk, None,
    )  # fmt: skip
    pusher = Pusher(cast.albers, secret=secret)
    assert pusher.call("GET", "/practitioners").status == 200
    # The same form once more makes nothing, and shows nothing.
    again = make(client)
    assert again.status_code == 201 and not SECRET.search(again.content.decode()) and len(tokens(cast)) == 1
    for page in (client.get(PAGE, headers=ENGLISH), client.get("/settings/log/", headers=ENGLISH)):
        assert not SECRET.search(page.content.decode())
    assert "In use" in client.get(PAGE, headers=ENGLISH).content.decode()


def test_names_are_once_until_they_are_revoked(cast: Cast) -> None:
    client = signed_in(cast, "administrator")
    make(client)
    taken = make(client, "TERMINPORTAL", "l" * 24)
    assert taken.status_code == 422 and "Another token has this name" in taken.content.decode()
    assert make(client, "", "m" * 24).status_code == 422
    (token,) = tokens(cast)
    client.post(f"{PAGE}tokens/{token.pk}/revocation/")
    assert make(client, "Terminportal", "n" * 24).status_code == 201


def test_revoked_it_opens_nothing_from_the_next_call_on(cast: Cast) -> None:
    pusher, client = Pusher(cast.albers), signed_in(cast, "administrator")
    pusher.book()
    where = f"{PAGE}tokens/{pusher.actor.identity}/revocation/"
    assert "Terminportal" in client.get(where).content.decode()
    assert client.post(where).status_code == 303
    assert pusher.cancel().code == "token_unknown"
    assert pusher.visit().block.occupancy.active, "what it has booked stays"
    assert client.get(where).status_code == 404
    assert client.post(f"{PAGE}tokens/{pusher.actor.identity}/renewal/").status_code == 404


def test_another_secret_keeps_the_appointments(cast: Cast) -> None:
    pusher, client = Pusher(cast.albers), signed_in(cast, "administrator")
    pusher.book()
    shown = client.post(f"{PAGE}tokens/{pusher.actor.identity}/renewal/")
    assert shown.status_code == 201
    (secret,) = set(SECRET.findall(shown.content.decode()))
    assert pusher.cancel().status == 401
    pusher.secret = secret
    assert pusher.cancel().status == 200


@pytest.mark.req("VID-1")
@pytest.mark.parametrize("is_revoked", [True, False])
def test_a_new_token_in_the_place_of_another_keeps_its_appointments(cast: Cast, is_revoked: bool) -> None:
    """Else the booking system, which finds none of them by its new token, would enter each a second time."""
    pusher, client = Pusher(cast.albers), signed_in(cast, "administrator")
    assert "token before" not in client.get(PAGE, headers=ENGLISH).content.decode()
    pusher.book()
    (former,) = tokens(cast)
    if is_revoked:
        client.post(f"{PAGE}tokens/{former.pk}/revocation/")
    asked = client.get(PAGE, headers=ENGLISH).content.decode()
    assert "token before" in asked and ("which was revoked" in asked) == is_revoked
    unsaid = make(client, "Terminportal neu")
    assert unsaid.status_code == 422 and "Please say whether" in unsaid.content.decode()
    made = make(client, "Terminportal neu", instead_of=str(former.pk))
    assert made.status_code == 201
    assert pusher.cancel().code == "token_unknown"
    pusher.secret = SECRET.findall(made.content.decode())[0]
    assert pusher.change(clock="11:00").status == 200
    assert [one.name for one in tokens(cast)] == ["Terminportal neu"]
    with acting(cast.albers.system):
        assert Visit.objects.count() == 1


def test_another_booking_system_sees_nothing_of_it(cast: Cast) -> None:
    pusher, client = Pusher(cast.albers), signed_in(cast, "administrator")
    pusher.book()
    made = make(client, "Andere", instead_of="new")
    other = Pusher(cast.albers, "Andere", secret=SECRET.findall(made.content.decode())[0])
    brandt = Pusher(cast.brandt)
    assert make(client, "Fremd", "l" * 24, instead_of=str(brandt.actor.identity)).status_code == 422
    assert other.cancel().status == 404 and pusher.cancel().status == 200


def test_last_use_is_known_without_a_line_of_the_log_for_each(cast: Cast) -> None:
    pusher = Pusher(cast.albers)
    for _ in range(3):
        assert pusher.call("GET", "/practitioners").status == 200
    (token,) = tokens(cast)
    with acting(pusher.actor):
        note_use(pusher.actor)
    assert tokens(cast)[0].last_used_at == token.last_used_at is not None


@pytest.mark.req("PUSH-3")
def test_everybody_finds_the_user_ids_to_copy(cast: Cast) -> None:
    ids = {one["practitioner"] for one in Pusher(cast.albers).call("GET", "/practitioners").json["items"]}
    for person in ("administrator", "practitioner", "secretary"):
        page = client_of(cast, person).get(PAGE).content.decode()
        assert len(ids) == 2 and all(f'value="{one}"' in page for one in ids)
        assert "/api/video/v1" in page
        assert ("Terminportal" in page) == (person == "administrator")


@pytest.mark.req("VID-5")
def test_who_writes_is_switched_and_two_who_write_are_warned_of(cast: Cast) -> None:
    client = signed_in(cast, "administrator")
    assert "every message twice" in client.get(PAGE, headers=ENGLISH).content.decode()
    assert client.post(f"{PAGE}mails/", {"initial-video_mails": "on"}).status_code == 303
    with acting(cast.albers.system):
        assert Practice.objects.get().video_mails is False
    assert "every message twice" not in client.get(PAGE, headers=ENGLISH).content.decode()
    assert client.post(f"{PAGE}mails/", {"initial-video_mails": "", "video_mails": "on"}).status_code == 303
    with acting(cast.albers.system):
        assert Practice.objects.get().video_mails is True


@pytest.mark.req("ACC-7", "ACC-6")
@pytest.mark.parametrize("person", ["practitioner", "secretary", "stranger", "anonymous", "delegate"])
def test_nobody_else_gives_or_takes_tokens_or_switches(cast: Cast, person: str) -> None:
    pusher = Pusher(cast.albers)
    client = signed_in(cast, person) if person not in ("anonymous", "delegate") else client_of(cast, person)
    if person != "stranger":
        status = {302} if person == "anonymous" else {403}
        assert {make(client).status_code, client.post(f"{PAGE}mails/").status_code} == status
    of_token = [f"{PAGE}tokens/{pusher.actor.identity}/{name}/" for name in ("revocation", "renewal")]
    answers = {client.post(one).status_code for one in of_token} | {client.get(of_token[0]).status_code}
    assert answers == {{"anonymous": 302, "stranger": 404}.get(person, 403)}
    assert pusher.call("GET", "/practitioners").status == 200
    with acting(cast.albers.system):
        assert VideoToken.objects.count() == 1 and Practice.objects.get().video_mails is True


@pytest.mark.req("ACC-9")
def test_tokens_ask_for_a_fresh_sign_in(cast: Cast) -> None:
    client = client_of(cast, "administrator")
    assert make(client).status_code == 302
    assert tokens(cast) == []
