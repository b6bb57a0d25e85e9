"""Own signed-in devices: what they are called, signing one out, and that it is out at once (ACC-9)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sprechzeit.accounts.device import Device, device_of
from sprechzeit.accounts.models import Session
from tests.support.cast import PASSWORD, Cast

pytestmark = pytest.mark.req("ACC-9")
PAGE, OUT, JANA = "/accounts/security/", "/accounts/security/devices/", "jana@albers.example.org"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
    "Mobile/15E148 Safari/604.1"
)
EDGE = f"{CHROME} Edg/142.0"


def on(agent: str, password: str = PASSWORD) -> Client:
    client = Client(headers={"user-agent": agent})
    assert client.post("/accounts/login/", {"login": JANA, "password": password}).status_code == 302
    return client


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, Device("Firefox", "Linux")),
        (CHROME, Device("Chrome", "Windows")),
        (EDGE, Device("Edge", "Windows")),
        (SAFARI, Device("Safari", "iPhone")),
        ("curl/8", Device("", "")),
        ("", Device("", "")),
    ],
)
def test_a_device_is_called_what_its_owner_calls_it(agent: str, device: Device) -> None:
    assert device_of(agent) == device


def test_they_are_listed_without_what_tells_a_place_or_opens_anything(cast: Cast) -> None:
    here, there = on(FIREFOX), on(SAFARI)
    page = here.get(PAGE).content.decode()
    assert page.index("Firefox, Linux") < page.index("Safari, iPhone")
    assert "127.0.0.1" not in page
    for session in Session.objects.all():
        assert session.session_key not in page
    assert Session.objects.filter(user=cast.albers.user("jana")).count() == 2
    assert there.get("/").status_code == 200


def test_one_is_signed_out_and_the_others_stay(cast: Cast) -> None:
    here, there, third = on(FIREFOX), on(SAFARI), on(CHROME)
    page = here.get(PAGE).content.decode()
    (device,) = re.findall(r'value="(\w{32})"[^>]*>(?:(?!</button>).)*Safari iPhone', page, re.DOTALL)
    assert here.post(OUT, {"device": device}).status_code == 303
    assert [client.get("/").status_code for client in (here, there, third)] == [200, 302, 200]
    assert here.post(OUT, {"device": device}).status_code == 404


def test_all_others_are_signed_out(cast: Cast) -> None:
    here, there, third = on(FIREFOX), on(SAFARI), on(CHROME)
    assert here.post(OUT, {"device": "others"}).status_code == 303
    assert [client.get("/").status_code for client in (here, there, third)] == [200, 302, 302]


def test_nobody_signs_out_somebody_else(cast: Cast) -> None:
    jana = on(FIREFOX)
    session = Session.objects.get(user=cast.albers.user("jana"))
    from sprechzeit.accounts.sessions import devices_of

    (device,) = devices_of(cast.albers.user("jana"), None)
    other = Client()
    other.force_login(cast.albers.user("miriam"))
    assert other.post(OUT, {"device": device.id}).status_code == 404
    assert other.post(OUT, {"device": session.session_key}).status_code == 404
    assert other.post(OUT, {"device": "others"}).status_code == 303
    assert jana.get("/").status_code == 200


def test_a_new_password_ends_the_others_and_keeps_what_this_one_is(cast: Cast) -> None:
    here, there = on(FIREFOX), on(SAFARI)
    since = Session.objects.get(browser="Firefox").signed_in_at
    new = "noch ein langes Kennwort"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert [client.get("/").status_code for client in (here, there)] == [200, 302]
    mine = Session.objects.get(user=cast.albers.user("jana"))
    assert (mine.browser, mine.signed_in_at) == ("Firefox", since)


def test_last_use_is_noted_every_few_minutes_and_no_more(cast: Cast) -> None:
    client = on(FIREFOX)
    own = Session.objects.filter(user=cast.albers.user("jana"))
    for ago, noted in ((timedelta(minutes=2), False), (timedelta(minutes=20), True)):
        before = timezone.now() - ago
        own.update(last_used_at=before)
        client.get("/")
        assert (own.get().last_used_at != before) is noted
