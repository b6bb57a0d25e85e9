"""The servers that a browser is told of: none, or the operator's relay with credentials that end (VID-3)."""

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest
import time_machine
from pytest_django.fixtures import Settings

from sprechzeit.core.acting import acting
from sprechzeit.video.actions.consultation import admit
from sprechzeit.video.opening import GOES_ON
from sprechzeit.video.relays import ice_servers
from tests.support.cast import Cast, at
from tests.support.consultations import by_video, came_in, sits

pytestmark = pytest.mark.req("VID-3")
URLS = ["turn:turn.example.org:3478?transport=udp", "turns:turn.example.org:443", "stun:turn.example.org"]


def test_none_is_told_of_by_default() -> None:
    assert ice_servers([], "secret", at("10:50")) == []


def test_a_relay_comes_with_a_user_that_says_until_when_and_nothing_else() -> None:
    """draft-uberti-behave-turn-rest-00: '<expiry>:<id>', base64 of HMAC-SHA1 with the shared secret."""
    (plain, relay), (_, again) = ice_servers(URLS, "secret", at("10:50")), ice_servers(URLS, "secret", at("10:50"))
    assert plain == {"urls": ["stun:turn.example.org"]}
    assert relay["urls"] == URLS[:2]
    until, _, who = relay["username"].partition(":")
    assert int(until) == at("10:50").timestamp() and len(who) == 16
    digest = hmac.new(b"secret", relay["username"].encode(), hashlib.sha1).digest()
    assert relay["credential"] == base64.b64encode(digest).decode()
    assert again["username"] != relay["username"]


def test_it_is_told_who_was_let_in_and_for_how_long(cast: Cast, settings: Settings) -> None:
    settings.TURN_URLS, settings.TURN_SECRET, settings.TURN_ONLY = URLS, "secret", True
    one, jonas = by_video(cast.albers), cast.albers.actor("jonas")
    with time_machine.travel(at("09:00")):
        client = came_in(one)
        assert client.get(f"{one.page}relays/").status_code == 404
        sits(one, one.patient)
        with acting(jonas):
            admit(jonas, one.id)
        answer = client.get(f"{one.page}relays/")
    told = answer.json()
    assert told["iceTransportPolicy"] == "relay"
    assert (
        int(told["iceServers"][1]["username"].split(":")[0]) == (at("09:50") + timedelta(hours=1) + GOES_ON).timestamp()
    )
    assert answer.headers["Cache-Control"] == "no-store"
