"""Another address to sign in with: by a link to the new one, with notice to the old one (ACC-9)."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from sprechzeit.accounts.models import AccountMail, User
from tests.support.cast import PASSWORD, Cast
from tests.support.routes import signed_in

pytestmark = pytest.mark.req("ACC-9")
PAGE, JANA, NEW = "/accounts/email/", "jana@albers.example.org", "jana.neu@example.org"


def ask(client: Client, email: str = NEW) -> Any:
    return client.post(PAGE, {"email": email})


def link(to: str = NEW) -> str:
    (found,) = re.findall(r"/accounts/email/\S+", AccountMail.objects.get(to=to).text)
    return str(found)


def test_the_link_changes_it_and_the_old_address_is_told(cast: Cast) -> None:
    client = signed_in(cast, "secretary")
    assert ask(client, NEW.upper()).status_code == 200
    path = link()
    assert Client().post(path).status_code == 302, "who is not signed in does not get the account"
    assert signed_in(cast, "administrator").post(path).status_code == 404, "nor does somebody else"
    assert client.get(path).status_code == 200
    assert User.objects.get(pk=cast.albers.user("jana").pk).email == JANA, "a look changes nothing"
    assert client.post(path).status_code == 200
    assert User.objects.get(pk=cast.albers.user("jana").pk).email == NEW
    assert NEW not in AccountMail.objects.get(to=JANA).text
    assert client.get(path).status_code == client.post(path).status_code == 404
    assert Client().post("/accounts/login/", {"login": NEW, "password": PASSWORD}).status_code == 302


def test_it_is_good_for_a_day_and_not_made_up(cast: Cast) -> None:
    ask(signed_in(cast, "secretary"))
    path = link()
    client = signed_in(cast, "secretary")
    assert client.get(f"{path[:-2]}x/").status_code == 404
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert signed_in(cast, "secretary").post(path).status_code == 404


def test_another_password_ends_it(cast: Cast) -> None:
    """Who got in and asked does not get the account after the owner has put them out."""
    ask(signed_in(cast, "secretary"))
    user = User.objects.get(email=JANA)
    user.set_password("Ein-anderes-Passwort-7")
    user.save()
    client = Client()
    client.force_login(user)
    assert client.post(link()).status_code == 404
    assert User.objects.get(pk=user.pk).email == JANA


def test_an_address_that_has_an_account_is_not_betrayed(cast: Cast) -> None:
    client = signed_in(cast, "secretary")
    free, taken = ask(client), ask(client, "berta@brandt.example.org")
    assert free.status_code == taken.status_code == 200
    assert free.content.decode().replace(NEW, "") == taken.content.decode().replace("berta@brandt.example.org", "")
    assert "/accounts/email/" not in AccountMail.objects.get(to="berta@brandt.example.org").text


def test_somebody_else_may_have_it_by_then(cast: Cast) -> None:
    client = signed_in(cast, "secretary")
    ask(client)
    User.objects.create_user(NEW, PASSWORD, "Schneller")
    assert client.post(link()).status_code == 404
    assert User.objects.get(pk=cast.albers.user("jana").pk).email == JANA


def test_it_asks_for_a_fresh_sign_in(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.albers.user("jana"))
    assert ask(client).status_code == 302
    assert not AccountMail.objects.exists()


def test_asking_again_and_again_is_stopped(cast: Cast) -> None:
    client = signed_in(cast, "secretary")
    statuses = [ask(client, f"{number}@example.org").status_code for number in range(7)]
    assert statuses == [200] * 5 + [422] * 2
