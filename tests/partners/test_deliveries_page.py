"""The page of what a partner was told, for administrators (OTV-9)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.partners.models import Delivery, WebhookOff
from tests.support.cast import Cast
from tests.support.partners import failed_delivery, registered, reported_to
from tests.support.routes import PEOPLE, client_of

pytestmark = pytest.mark.req("OTV-9")

URL = "https://portal.example/hook"


@pytest.fixture
def portal(cast: Cast) -> Actor:
    made = registered(cast.albers)
    reported_to(made, cast.albers, URL)
    return made


def page(cast: Cast, portal: Actor, person: str = "administrator") -> str:
    client = client_of(cast, person)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client.get(reverse("webhooks:deliveries", args=[portal.identity])).content.decode()


def test_what_failed_is_seen_and_sent_again(cast: Cast, portal: Actor) -> None:
    one = failed_delivery(portal, cast.albers)
    shown = page(cast, portal)
    assert "1 change could not be delivered" in shown
    assert "Not delivered" in shown and "last answer 500" in shown and "No. 2" in shown
    assert "Sommer" not in shown, "whose appointment it is, the appointment says"
    address = reverse("webhooks:again", args=[one])
    assert f'action="{address}"' in shown
    client = client_of(cast, "administrator")
    assert client.post(address).status_code == 303
    with acting(cast.albers.system):
        assert Delivery.objects.get(pk=one).state == "waiting"
    assert ProcrastinateJob.objects.filter(task_name="partners.deliver", args__delivery_id=str(one)).count() == 2
    assert "could not be delivered" not in page(cast, portal)


def test_what_was_changed_since_has_no_button(cast: Cast, portal: Actor) -> None:
    one = failed_delivery(portal, cast.albers, followed=True)
    assert reverse("webhooks:again", args=[one]) not in page(cast, portal)


def test_the_practice_is_warned_everywhere_until_it_did_something(cast: Cast, portal: Actor) -> None:
    """A number at the settings, and at the partners in them."""
    failed_delivery(portal, cast.albers)
    client = client_of(cast, "administrator")
    badge = '<span class="badge warn push num">1</span>'
    assert client.get("/").content.decode().count(badge) == 1
    assert client.get(reverse("practice:facts")).content.decode().count(badge) >= 2
    assert badge not in client_of(cast, "secretary").get("/").content.decode()
    assert client.post(reverse("webhooks:aside", args=[portal.identity])).status_code == 303
    assert badge not in client.get("/").content.decode()


def test_an_address_that_is_gone_is_said_and_taken_back(cast: Cast, portal: Actor) -> None:
    with acting(cast.albers.system):
        WebhookOff.objects.create(practice_id=cast.albers.practice.pk, partner_id=portal.identity, url=URL)
    assert "gone for good" in page(cast, portal)
    assert client_of(cast, "administrator").post(reverse("webhooks:on", args=[portal.identity])).status_code == 303
    assert "gone for good" not in page(cast, portal)


@pytest.mark.req("ACC-6", "ACC-7")
@pytest.mark.parametrize("person", [one for one in PEOPLE if one != "administrator"])
def test_nobody_else(cast: Cast, portal: Actor, person: str) -> None:
    one = failed_delivery(portal, cast.albers)
    client = client_of(cast, person)
    partner_id = portal.identity
    refused: dict[str, Any] = {"stranger": (404,), "anonymous": (302,)}
    expected = refused.get(person, (302, 403, 404))
    assert client.get(reverse("webhooks:deliveries", args=[partner_id])).status_code in expected
    for name, what in (("again", one), ("aside", partner_id), ("on", partner_id)):
        assert client.post(reverse(f"webhooks:{name}", args=[what])).status_code in expected
    with acting(cast.albers.system):
        assert Delivery.objects.get(pk=one).state == "failed"


def test_ids_that_never_were(cast: Cast) -> None:
    client: Client = client_of(cast, "administrator")
    assert client.get(reverse("webhooks:deliveries", args=[new_id()])).status_code == 404
    assert client.post(reverse("webhooks:again", args=[new_id()])).status_code == 404
