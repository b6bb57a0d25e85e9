"""The practice's own keys, its contract, and what the door refused, as administrators see them (OTV-1, OTV-2)."""

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.partners.actions.signing import have_signing_key
from sprechzeit.partners.models import SigningKey
from sprechzeit.partners.problems import DOOR
from sprechzeit.practice.actions.partner_keys import revoke_key
from sprechzeit.practice.models import PartnerKey
from sprechzeit.practice.partner_keys import fingerprint
from sprechzeit.privacy.partner_log import REMEDIES, troubles_of
from sprechzeit.scheduling.errors import NotOffered, TimeTaken
from tests.support.cast import Cast, House
from tests.support.partners import registered
from tests.support.portal_client import Portal
from tests.support.routes import DELEGATE, client_of, signed_in


def keys_of(house: House) -> list[tuple[str, str, str]]:
    """Of each key its identifier, its public and its private part; the sealed one opens in the practice alone."""
    with acting(house.system):
        return [(one.reference, one.public_key, one.private_key) for one in SigningKey.objects.order_by("starts_at")]


def english(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.mark.req("OTV-2", "ACC-9")
def test_the_practices_key_is_shown_made_and_replaced(cast: Cast) -> None:
    house, address = cast.albers, reverse("signing_keys")
    sheet = reverse("practice:partner_sheet", args=[registered(house).identity])
    client = english(signed_in(cast, "administrator"))
    assert f'hx-get="{address}"' in client.get(sheet).content.decode()
    assert "There is none yet" in client.get(address).content.decode()
    renewal = reverse("signing_key_renewal")
    away = client_of(cast, "administrator").post(renewal)
    assert (away.status_code, keys_of(house)) == (302, []), "who they are is confirmed first"
    assert client.post(renewal).status_code == 303
    (made,) = keys_of(house)
    whole = client.get(address)
    page = unescape(whole.content.decode())
    assert "signs now" in page and "for all partners alike" in page, "to replace it is another press, and explained"
    pages = [one for group in whole.context["settings_navigation"]() for one in group["pages"]]
    assert [one["label"] for one in pages if one["current"]] == ["Booking partners"], "else a phone's menu has no name"
    assert client.post(renewal).status_code == 303
    first, second = keys_of(house)
    assert first == made
    page = unescape(client.get(address, HTTP_HX_REQUEST="true").content.decode())
    assert "<html" not in page
    for reference, public_key, private_key in (first, second):
        assert reference in page
        assert all(group in page for group in fingerprint(public_key).split())
        assert private_key not in page
    assert ("signs from" in page, "good until" in page) == (True, True)
    assert client.post(renewal).status_code == 303
    assert len(keys_of(house)) == 2, "the next one waits already"


@pytest.mark.req("ACC-6")
def test_the_keys_are_for_administrators(cast: Cast) -> None:
    with acting(cast.albers.system):
        ours = have_signing_key(cast.albers.system)
    found = {}
    for person in ("administrator", "practitioner", "secretary", "stranger", DELEGATE, "anonymous"):
        answer = client_of(cast, person).get(reverse("signing_keys"))
        found[person] = (answer.status_code, ours.reference in answer.content.decode())
    assert found == {
        "administrator": (200, True), "practitioner": (403, False), "secretary": (403, False),
        "stranger": (200, False), DELEGATE: (403, False), "anonymous": (302, False),
    }  # fmt: skip


@pytest.mark.req("OTV-10")
def test_the_contract_is_there_for_everybody_and_names_no_practice(cast: Cast) -> None:
    answer = Client().get("/api/otv/v1/openapi.json")
    said = answer.json()
    assert (answer.status_code, said["openapi"][:3]) == (200, "3.1")
    assert "/practice" in said["paths"]
    assert said["servers"] == [{"url": "http://127.0.0.1:8000/api/otv/v1"}]
    assert cast.albers.practice.email not in answer.content.decode()


@pytest.mark.req("OTV-1", "OTV-12")
def test_what_was_refused_stands_on_the_partners_page_with_what_to_do(cast: Cast) -> None:
    """By code, how often, by which key; calls that came in are counted."""
    house, portal = cast.albers, Portal(cast.albers)
    assert portal.get("/practice").status == 200
    with acting(house.system):
        (key,) = PartnerKey.objects.all()
        revoke_key(house.system, key.pk)
    assert [portal.get("/practice").code for _call in range(2)] == ["key_revoked"] * 2
    miriam = house.actor("miriam")
    with acting(miriam):
        (trouble,) = troubles_of(miriam, key.partner)
    assert (trouble.code, trouble.count, trouble.key) == ("key_revoked", 2, key.reference)
    address = reverse("privacy:partner_log", args=[key.partner_id])
    page = unescape(english(client_of(cast, "administrator")).get(address).content.decode())
    for said in ("key_revoked", "The portal still signs with a revoked key.", "Call refused", "Last call on"):
        assert said in page
    log = unescape(english(client_of(cast, "administrator")).get(reverse("privacy:log")).content.decode())
    assert "Call refused" in log


def test_every_refusal_of_the_door_says_what_the_practice_can_do() -> None:
    """But for those that only the portal's developers meet, and those that nobody is known for."""
    of_developers = {
        "body_too_large", "not_json", "malformed_json", "invalid_request", "method_not_allowed", "unavailable",
    }  # fmt: skip
    refusals: list[Any] = [*DOOR, TimeTaken, NotOffered]
    assert {one.code for one in refusals} - set(REMEDIES) == of_developers
