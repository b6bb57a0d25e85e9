"""Guessing is stopped, the owner is not: not even of an account that somebody attacks from everywhere (ACC-9)."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from sprechzeit.accounts.guessing import COOKIE, FOR_ACCOUNT, FOR_ACCOUNT_SLOWLY, FROM_ADDRESS, FROM_DEVICE
from sprechzeit.accounts.models import AccountMail
from sprechzeit.core.models import Attempts
from tests.support.cast import PASSWORD, Cast

pytestmark = pytest.mark.req("ACC-9")
JANA, NOBODY = "jana@albers.example.org", "nobody@example.org"
# At the beginning of every window.
NOON = datetime.fromisoformat("2026-11-23T12:00:00+00:00")


def attempt(client: Client, password: str = PASSWORD, *, email: str = JANA, address: str = "192.0.2.1") -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password}, REMOTE_ADDR=address)


def attacked(email: str = JANA) -> None:
    """From everywhere, until an account alone is slow."""
    for number in range(FOR_ACCOUNT.count + 1):
        attempt(Client(), f"Versuch {number}", email=email, address=f"198.51.100.{number}")


@time_machine.travel(NOON, tick=True)
def test_a_known_device_of_the_owner_is_not_held_up(cast: Cast) -> None:
    client = Client()
    assert attempt(client).status_code == 302
    client.post("/accounts/logout/")
    attacked()
    assert attempt(Client(), address="203.0.113.5").status_code == 200, "too many from everywhere"
    assert attempt(client, address="203.0.113.6").status_code == 302


@time_machine.travel(NOON, tick=True)
def test_somebody_behind_the_same_connection_does_not_hold_it_up_either(cast: Cast) -> None:
    """The waiting room's Wi-Fi has the practice's address."""
    client = Client()
    assert attempt(client).status_code == 302
    client.post("/accounts/logout/")
    for number in range(FROM_ADDRESS.count + 1):
        attempt(Client(), "x", email=f"{number}@example.org")
    assert attempt(Client(), email="jonas@albers.example.org").status_code == 200, "an unknown one waits"
    assert attempt(client).status_code == 302


@time_machine.travel(NOON, tick=True)
def test_an_unknown_device_waits_a_moment_and_comes_in(cast: Cast) -> None:
    attacked()
    assert attempt(Client(), address="203.0.113.5").status_code == 200
    with time_machine.travel(NOON + timedelta(seconds=FOR_ACCOUNT_SLOWLY.seconds + 1), tick=True):
        assert attempt(Client(), address="203.0.113.6").status_code == 302


@time_machine.travel(NOON, tick=True)
def test_who_proves_by_a_mailed_link_who_they_are_comes_in_on_a_new_device(cast: Cast) -> None:
    """However steadily somebody goes on, from the same address too."""
    client, address = Client(), "203.0.113.7"
    client.post("/accounts/password/reset/", {"email": JANA}, REMOTE_ADDR=address)
    mail = AccountMail.objects.get(to=JANA)
    (path,) = re.findall(r"/accounts/password/reset/key/\S+", mail.text)
    form = client.get(path, REMOTE_ADDR=address)["Location"]
    assert COOKIE not in client.cookies, "a look proves nothing"
    new = {"password1": "ein neues, langes Kennwort", "password2": "ein neues, langes Kennwort"}
    assert client.post(form, new, REMOTE_ADDR=address).status_code == 302
    for number in range(FROM_ADDRESS.count + 1):
        attempt(Client(), f"Versuch {number}", address=address)
    attacked()
    assert attempt(Client(), new["password1"], address=address).status_code == 200, "another device waits"
    assert attempt(client, new["password1"], address=address).status_code == 302


@time_machine.travel(NOON, tick=True)
def test_a_known_device_is_no_way_to_guess(cast: Cast) -> None:
    client = Client()
    attempt(client)
    client.post("/accounts/logout/")
    for number in range(FROM_DEVICE.count):
        attempt(client, f"Versuch {number}", address=f"192.0.2.{number + 10}")
    assert attempt(client, address="192.0.2.99").status_code == 200


@time_machine.travel(NOON, tick=True)
def test_what_is_known_of_one_account_is_of_no_use_for_another(cast: Cast) -> None:
    client = Client()
    assert attempt(client, email="jonas@albers.example.org").status_code == 302
    client.post("/accounts/logout/")
    attacked()
    assert attempt(client, address="203.0.113.5").status_code == 200


@time_machine.travel(NOON, tick=True)
def test_a_cookie_of_ones_own_making_is_none(cast: Cast) -> None:
    client = Client()
    client.cookies[COOKIE] = "eyJ4IjoieSJ9:1abc:forged"
    attacked()
    assert attempt(client, address="203.0.113.5").status_code == 200


def test_the_cookie_names_nobody(cast: Cast) -> None:
    client = Client()
    attempt(client)
    cookie = client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert "jana" not in cookie.value


@time_machine.travel(NOON, tick=True)
def test_one_network_of_ipv6_is_one_address(cast: Cast) -> None:
    for number in range(5):
        attempt(Client(), f"Versuch {number}", address=f"2001:db8:1:2::{number + 1}")
    assert attempt(Client(), address="2001:db8:1:2:ffff::1").status_code == 200
    assert attempt(Client(), address="2001:db8:1:3::1").status_code == 302


@time_machine.travel(NOON, tick=True)
def test_an_account_that_is_none_is_refused_in_the_same_words(cast: Cast) -> None:
    for email in (JANA, NOBODY):
        attacked(email)
    known, unknown = (attempt(Client(), email=email, address="203.0.113.7") for email in (JANA, NOBODY))
    assert known.status_code == unknown.status_code == 200
    assert known.context["form"].errors == unknown.context["form"].errors


@time_machine.travel(NOON, tick=True)
def test_signing_in_rightly_counts_nowhere(cast: Cast) -> None:
    for _ in range(8):
        assert attempt(Client()).status_code == 302
    assert set(Attempts.objects.filter(scope__startswith="sign-in").values_list("count", flat=True)) == {0}
