"""The second factor: an app with codes, recovery codes, and whom a practice lets in without one (ACC-9)."""

import re
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from sprechzeit.accounts.guessing import MANY_CODES
from sprechzeit.accounts.models import AccountMail, User
from sprechzeit.core.acting import acting
from sprechzeit.core.crypto import token_hash
from sprechzeit.practice.actions.team import require_second_factor
from sprechzeit.practice.errors import NoSecondFactor
from sprechzeit.practice.visitors import actor_of
from tests.support.cast import PASSWORD, Cast
from tests.support.routes import signed_in

pytestmark = pytest.mark.req("ACC-9")
APP, CODES, STEP = "/accounts/second-factor/app/", "/accounts/recovery-codes/", "/accounts/second-factor/"
MIRIAM = "miriam@albers.example.org"
# At the beginning of every window.
NOON = datetime.fromisoformat("2026-11-24T12:00:00+00:00")


def code_of(secret: str, *, steps: int = 0) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def set_up(client: Client) -> tuple[str, list[str]]:
    """An app with codes; its secret and the recovery codes."""
    page = client.get(APP).content.decode()
    (secret,) = re.findall(r"<code class=\"num\">(\w+)</code>", page)
    answer = client.post(APP, {"code": code_of(secret)})
    assert (answer.status_code, answer.headers["Location"]) == (302, CODES)
    return secret, re.findall(r"<li><code>(\d{8})</code>", client.post(CODES).content.decode())


def password(email: str = MIRIAM) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    return client


def test_after_the_password_its_code_opens_the_book(cast: Cast) -> None:
    secret, _ = set_up(signed_in(cast, "administrator"))
    client = password()
    assert client.get("/").status_code == 302
    assert client.post(STEP, {"code": "000000"}).status_code == 200
    assert client.get("/").status_code == 302
    assert client.post(STEP, {"code": code_of(secret, steps=1)}).headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_a_code_is_good_once(cast: Cast) -> None:
    """Whoever looked over a shoulder has nothing, as long as it would be good."""
    secret, _ = set_up(signed_in(cast, "administrator"))
    code = code_of(secret, steps=1)
    assert password().post(STEP, {"code": code}).status_code == 302
    assert password().post(STEP, {"code": code}).status_code == 200


def test_not_written_in_another_way_either(cast: Cast) -> None:
    secret, _ = set_up(signed_in(cast, "administrator"))
    code = code_of(secret, steps=1)
    assert password().post(STEP, {"code": code}).status_code == 302
    cache.clear()  # allauth's own memory of it is shorter than the code is good
    cache.add(f"second-factor:{cast.albers.user('miriam').pk}:{token_hash(code).hex()}", "used")
    assert password().post(STEP, {"code": f"{code[:3]}-{code[3:]}"}).status_code == 200


@pytest.mark.own_database
def test_with_a_new_one_whoever_came_without_it_is_out(cast: Cast) -> None:
    """Somebody who knows the password signed in before there was one."""
    thief, owner = password(), signed_in(cast, "administrator")
    assert thief.get("/").status_code == 200
    set_up(owner)
    assert thief.get("/").status_code == 302
    assert owner.get("/").status_code == 200


def test_guessing_codes_is_stopped(cast: Cast) -> None:
    secret, _ = set_up(signed_in(cast, "administrator"))
    client = password()
    for number in range(5):
        client.post(STEP, {"code": f"{number:06}"})
    assert client.post(STEP, {"code": code_of(secret, steps=1)}).status_code == 200


def test_recovery_codes_are_shown_once_and_good_once(cast: Cast) -> None:
    own = signed_in(cast, "administrator")
    _, codes = set_up(own)
    assert len(codes) == 10
    for again in (own.get(CODES), own.post(CODES)):
        assert codes[0] not in again.content.decode()
        assert "wurden einmal gezeigt" in again.content.decode() or "shown once" in again.content.decode()
    assert password().post(STEP, {"code": codes[0]}).headers["Location"] == "/"
    assert password().post(STEP, {"code": codes[0]}).status_code == 200
    own.post(f"{CODES}new/")
    assert password().post(STEP, {"code": codes[1]}).status_code == 200


def test_a_look_at_the_page_of_the_codes_uses_nothing_up(cast: Cast) -> None:
    """A browser that loads the page beforehand, or loads it twice, must not take them away."""
    client = signed_in(cast, "administrator")
    (secret,) = re.findall(r"<code class=\"num\">(\w+)</code>", client.get(APP).content.decode())
    assert client.get(CODES).status_code == 404, "none yet"
    client.post(APP, {"code": code_of(secret)})
    before = list(Authenticator.objects.order_by("id").values_list("data", flat=True))
    for _ in range(2):
        page = client.get(CODES)
        assert "<code>" not in page.content.decode()
        assert "no-store" in page["Cache-Control"]
    assert list(Authenticator.objects.order_by("id").values_list("data", flat=True)) == before
    assert len(re.findall(r"<li><code>(\d{8})</code>", client.post(CODES).content.decode())) == 10


class TestManyWrongCodes:
    """Slowly, for months: whoever does it knows the password."""

    @pytest.fixture
    def secret(self, cast: Cast) -> str:
        """Miriam's, after as many wrong codes as are looked at without more ado, but one."""
        secret, _ = set_up(signed_in(cast, "administrator"))
        with time_machine.travel(NOON, tick=True):
            for number in range(MANY_CODES - 1):
                with time_machine.travel(NOON + timedelta(minutes=number), tick=True):
                    assert password().post(STEP, {"code": f"{number:06}"}).status_code == 200
        return secret

    def test_the_next_asks_for_the_password_anew_and_the_owner_is_told(self, cast: Cast, secret: str) -> None:
        told = AccountMail.objects.filter(to=MIRIAM).count()
        with time_machine.travel(NOON + timedelta(hours=1), tick=True):
            client = password()
            answer = client.post(STEP, {"code": "999999"})
            assert (answer.status_code, answer.headers["Location"]) == (302, reverse("account_login"))
            assert client.get(STEP).status_code == 302, "the password counts no longer"
            assert User.objects.get(email=MIRIAM).wrong_codes == MANY_CODES
            assert AccountMail.objects.filter(to=MIRIAM).count() == told + 1
            assert "20" in AccountMail.objects.order_by("created_at").last().text  # type: ignore[union-attr]  # there is one

    def test_then_one_in_half_an_hour_is_looked_at(self, cast: Cast, secret: str) -> None:
        with time_machine.travel(NOON + timedelta(hours=1), tick=True):
            password().post(STEP, {"code": "999999"})
            password().post(STEP, {"code": "999998"})
            assert password().post(STEP, {"code": code_of(secret)}).status_code == 200, "right, and not looked at"
        with time_machine.travel(NOON + timedelta(minutes=90), tick=True):
            assert password().post(STEP, {"code": code_of(secret)}).headers["Location"] == "/"
            cast.albers.user("miriam").refresh_from_db()
            assert User.objects.get(email=MIRIAM).wrong_codes == 0, "one that is right ends it"

    def test_the_owners_own_device_is_not_held_up(self, cast: Cast, secret: str) -> None:
        with time_machine.travel(NOON - timedelta(hours=1), tick=True):
            own = password()
            assert own.post(STEP, {"code": code_of(secret)}).headers["Location"] == "/"
            own.post("/accounts/logout/")
        User.objects.filter(email=MIRIAM).update(wrong_codes=MANY_CODES)
        with time_machine.travel(NOON + timedelta(hours=1), tick=True):
            password().post(STEP, {"code": "999999"})
            password().post(STEP, {"code": "999998"})
            own.post("/accounts/login/", {"login": MIRIAM, "password": PASSWORD})
            assert own.post(STEP, {"code": code_of(secret)}).headers["Location"] == "/"


def test_neither_secret_nor_codes_stand_in_the_database(cast: Cast) -> None:
    secret, codes = set_up(signed_in(cast, "administrator"))
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert "secret" in kept
    assert not [one for one in (secret, *codes) if one in kept]


def test_every_change_of_it_is_told_by_mail(cast: Cast) -> None:
    client = signed_in(cast, "administrator")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda told, *_args, **_more: told())
        set_up(client)
        client.post(f"{CODES}new/")
    client.post(f"{APP}removal/")
    assert AccountMail.objects.filter(to=MIRIAM).count() == 3


def test_it_is_not_changed_without_a_fresh_sign_in(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.albers.user("miriam"))
    for address in (APP, f"{CODES}new/", "/accounts/passkeys/new/"):
        for send in (client.get, client.post):
            answer = send(address)
            assert answer.headers["Location"].startswith("/accounts/reauthenticate/")


class TestRequired:
    def test_who_has_none_sets_it_up_before_anything_else(self, cast: Cast) -> None:
        with acting(cast.albers.system):
            require_second_factor(cast.albers.system, ["administrator"])
        client = signed_in(cast, "administrator")
        for address in ("/", reverse("practice:team"), reverse("scheduling:new")):
            answer = client.get(address)
            assert answer.status_code == 302
            assert answer.headers["Location"].startswith("/accounts/security/?next=")
        assert client.post(reverse("practice:rooms")).status_code == 405
        assert client.post(reverse("practice:new_room"), {"name": "R"}).status_code == 302
        assert actor_of(cast.albers.user("miriam")) is None, "nor does a live stream"
        set_up(client)
        assert client.get("/").status_code == 200

    def test_other_roles_and_other_practices_are_not_asked(self, cast: Cast) -> None:
        with acting(cast.albers.system):
            require_second_factor(cast.albers.system, ["administrator"])
        for person in ("practitioner", "secretary", "stranger"):
            assert signed_in(cast, person).get("/").status_code == 200

    def test_who_asks_it_of_others_has_one(self, cast: Cast) -> None:
        client, address = signed_in(cast, "administrator"), reverse("practice:sign_in")
        miriam = cast.albers.actor("miriam")
        with acting(miriam), pytest.raises(NoSecondFactor):
            require_second_factor(miriam, ["secretary"])
        assert client.post(address, {"roles": ["administrator"]}).status_code == 422
        assert client.get("/").status_code == 200
        set_up(client)
        assert client.post(address, {"roles": ["administrator"]}).status_code == 303
        assert 'value="administrator" id="id_roles_0" checked' in client.get(address).content.decode()
        assert client.get("/").status_code == 200

    def test_nobody_else_sets_it(self, cast: Cast) -> None:
        answer: Any = signed_in(cast, "secretary").post(reverse("practice:sign_in"), {"roles": []})
        assert answer.status_code == 403
