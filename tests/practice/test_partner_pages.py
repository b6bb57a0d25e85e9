"""The pages of a booking partner: what it may read, who confirms, its keys, the sheet for its portal (OTV-1, OTV-2)."""

from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.practice.actions.partner_keys import end_key, revoke_key
from sprechzeit.practice.actions.partners import change_partner, end_partner
from sprechzeit.practice.models import Partner, PartnerKey
from sprechzeit.practice.partner_keys import fingerprint
from tests.support.cast import BERLIN, PASSWORD, Cast, House
from tests.support.partners import SINCE, keyed, public_text, registered
from tests.support.routes import DELEGATE, client_of, signed_in

pytestmark = pytest.mark.req("OTV-1")
FIELDS = {
    "name": "TerminFinder", "website": "", "starts_on": "2026-01-11", "ends_on": "", "contact": "", "email": "",
    "phone": "", "confirms": "practice", "webhook_url": "", "reads": [],
}  # fmt: skip
PAIR = Ed25519PrivateKey.generate()
PEM = PAIR.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
PRIVATE_PEM = PAIR.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def english(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def admin(cast: Cast) -> Client:
    return english(signed_in(cast, "administrator"))


def shown(fields: dict[str, Any]) -> dict[str, Any]:
    """The form as a browser sends it: beside each field what it showed."""
    initial = {f"initial-{name}": value for name, value in fields.items()}
    return fields | initial | {"initial-reads": ["", *fields["reads"]]}


def partner_now(house: House, partner_id: UUID) -> Partner:
    with acting(house.system):
        return Partner.objects.get(pk=partner_id)


def keys_of(house: House) -> list[PartnerKey]:
    with acting(house.system):
        return list(PartnerKey.objects.order_by("registered_at"))


# --- Settings -------------------------------------------------------------------------------------------------------


@pytest.mark.req("OTV-4", "OTV-13", "OTV-9")
def test_what_it_reads_who_confirms_and_where_it_is_told_are_settings(cast: Cast) -> None:
    """Only what was changed is written; what somebody else changed meanwhile stays."""
    house, client = cast.albers, admin(cast)
    partner_id = registered(house, reads=()).identity
    address = reverse("practice:partner", args=[partner_id])
    page = unescape(client.get(address).content.decode())
    assert page.count("Patients’ data") == 2
    assert "Who said “no”, or has no date of birth in their record, looks like a stranger." in page
    sent = shown(FIELDS) | {"reads": ["match", "rooms"], "webhook_url": "https://portal.example/changes"}
    assert client.post(address, sent).status_code == 303
    found = partner_now(house, partner_id)
    assert (found.reads, found.confirms, found.webhook_url) == (
        ["rooms", "match"], "practice", "https://portal.example/changes",
    )  # fmt: skip
    # The same page, still open: who confirms is changed, and nothing else.
    assert client.post(address, shown(FIELDS) | {"confirms": "partner"}).status_code == 303
    found = partner_now(house, partner_id)
    assert (found.reads, found.confirms) == (["rooms", "match"], "partner")
    none_left = shown(FIELDS | {"reads": ["rooms", "match"]}) | {"reads": []}
    assert client.post(address, none_left).status_code == 303
    assert partner_now(house, partner_id).reads == []
    page = unescape(client.get(address).content.decode())
    assert page.count("checked") == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("webhook_url", "http://portal.example/", "https://"),
        ("webhook_url", "https://name:secret@portal.example/", "without a name and password"),
        ("webhook_url", "portal", "https://"),
        ("webhook_url", "https://192.168.0.7/changes", "https://"),
        ("webhook_url", "https://[::1]/changes", "https://"),
        ("reads", ["everything"], "everything"),
        ("confirms", "both", "both"),
        ("confirms", "", "required"),
        ("ends_on", "2025-01-01", "must not be before"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(cast: Cast, field: str, value: Any, said: str) -> None:
    house, client = cast.albers, admin(cast)
    partner_id = registered(house, reads=()).identity
    answer = client.post(reverse("practice:partner", args=[partner_id]), shown(FIELDS) | {field: value})
    assert (answer.status_code, said in str(answer.context["form"].errors[field])) == (422, True)
    found = partner_now(house, partner_id)
    assert (found.reads, found.confirms, found.webhook_url, found.ends_on) == ([], "practice", "", None)


@pytest.mark.req("ACC-9", "OTV-2")
def test_what_opens_data_asks_for_a_fresh_sign_in_and_goes_on_after_it(cast: Cast) -> None:
    """A file too: what stood in it is not lost on the way."""
    house, client = cast.albers, english(client_of(cast, "administrator"))
    partner_id = registered(house, reads=()).identity
    settings, keys = (reverse(f"practice:{name}", args=[partner_id]) for name in ("partner", "partner_keys"))
    for address, sent in (
        (settings, shown(FIELDS) | {"reads": ["patients"]}),
        (settings, shown(FIELDS) | {"webhook_url": "https://portal.example/"}),
        (reverse("practice:new_partner"), FIELDS | {"name": "Neu", "reads": ["patients"], "key": "n" * 24}),
        (keys, {"sent": PEM, "key": "k" * 24}),
    ):
        answer = client.post(address, sent)
        assert (answer.status_code, "/accounts/" in answer["Location"]) == (302, True)
    assert client.post(settings, shown(FIELDS) | {"phone": "0221 1"}).status_code == 303, "this opens nothing"
    found = partner_now(house, partner_id)
    assert (found.reads, found.webhook_url, found.phone, keys_of(house)) == ([], "", "0221 1", [])
    key = keyed(house, partner_id)
    with acting(house.system):
        revoke_key(house.system, key.pk)
    file = SimpleUploadedFile("key.pem", PEM.encode())
    away = client.post(keys, {"sent": "", "file": file, "key": "f" * 24, "label": "neu"})
    done = client.post(away["Location"], {"password": PASSWORD})
    assert (done.status_code, done["Location"]) == (303, keys)
    assert [(one.label, one.public_key) for one in keys_of(house)][1:] == [("neu", public_text(PAIR))]


# --- Keys -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("OTV-2")
def test_a_key_is_pasted_compared_limited_and_revoked(cast: Cast) -> None:
    house, client = cast.albers, admin(cast)
    partner_id = registered(house, reads=()).identity
    address = reverse("practice:partner_keys", args=[partner_id])
    assert "No key is good" in unescape(client.get(address).content.decode())
    sent = {"sent": PEM, "label": "2026", "ends_on": "2199-12-31", "key": "k" * 24}
    for _twice in range(2):
        assert client.post(address, sent).status_code == 303
    (key,) = keys_of(house)
    assert key.ends_at is not None
    assert key.ends_at.astimezone(BERLIN).isoformat() == "2200-01-01T00:00:00+01:00"
    page = unescape(client.get(address).content.decode())
    assert key.reference in page
    assert [group in page for group in fingerprint(public_text(PAIR)).split()] == [True] * 16
    assert "No key is good" not in page
    again = client.post(address, sent | {"key": "l" * 24})
    assert (again.status_code, "registered already" in str(again.context["form"].errors)) == (422, True)
    end = reverse("practice:partner_key_end", args=[partner_id, key.pk])
    assert client.post(end, {"ends_on": "2026-01-01"}).status_code == 422
    assert client.post(end, {"ends_on": "never"}).status_code == 422
    assert client.post(end, {"ends_on": ""}).status_code == 303
    assert keys_of(house)[0].ends_at is None
    revocation = reverse("practice:partner_key_revocation", args=[partner_id, key.pk])
    assert "does not come back" in unescape(client.get(revocation).content.decode())
    assert keys_of(house)[0].revoked_at is None
    for _twice in range(2):
        assert client.post(revocation).status_code == 303
    assert keys_of(house)[0].revoked_at is not None


@pytest.mark.req("OTV-2")
@pytest.mark.parametrize("way", ["pasted", "file"])
def test_a_private_key_is_refused_and_not_shown_again(cast: Cast, way: str) -> None:
    house, client = cast.albers, admin(cast)
    partner_id = registered(house, reads=()).identity
    file = SimpleUploadedFile("id_ed25519", PRIVATE_PEM.encode())
    sent: dict[str, Any] = {"sent": PRIVATE_PEM} if way == "pasted" else {"sent": "", "file": file}
    answer = client.post(reverse("practice:partner_keys", args=[partner_id]), sent | {"key": "k" * 24})
    page = unescape(answer.content.decode())
    assert (answer.status_code, "This is a private key: it belongs to the partner alone." in page) == (422, True)
    assert PRIVATE_PEM.splitlines()[1] not in page
    assert keys_of(house) == []


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"sent": ""}, "paste the public key, or choose its file"),
        ({"sent": "ssh-rsa AAAAB3NzaC1yc2E="}, "of another kind"),
        ({"sent": "Guten Tag"}, "no public key that we can read"),
        ({"sent": "A" * 20_000}, "at most"),
        ({"sent": PEM, "ends_on": "2026-01-01"}, "This day is over"),
        ({"sent": PEM, "ends_on": "2600-01-01"}, "less than or equal"),
        ({"sent": PEM, "label": "x" * 101}, "at most 100"),
    ],
)
def test_what_is_no_good_key_is_refused_with_what_to_do(cast: Cast, sent: dict[str, str], said: str) -> None:
    house, client = cast.albers, admin(cast)
    partner_id = registered(house, reads=()).identity
    answer = client.post(reverse("practice:partner_keys", args=[partner_id]), sent | {"key": "k" * 24})
    assert (answer.status_code, said in unescape(answer.content.decode())) == (422, True)
    assert keys_of(house) == []


@pytest.mark.req("OTV-2")
def test_a_hint_comes_when_no_key_will_be_good_in_a_month(cast: Cast) -> None:
    """None while another one goes on; none for a partner that is ended; in the list too."""
    house, client = cast.albers, admin(cast)
    partner_id = registered(house, reads=()).identity
    places = [reverse("practice:partners"), reverse("practice:partner", args=[partner_id])]

    def hints() -> set[tuple[bool, bool]]:
        pages = [unescape(client.get(one).content.decode()) for one in places]
        return {("No key is good" in page, "The last good key ends" in page) for page in pages}

    assert hints() == {(True, False)}
    key = keyed(house, partner_id, ends_at=timezone.now() + timedelta(days=31))
    assert hints() == {(False, False)}
    with acting(house.system):
        end_key(house.system, key.pk, timezone.now() + timedelta(days=29))
    assert hints() == {(False, True)}
    second = keyed(house, partner_id)
    assert hints() == {(False, False)}
    with acting(house.system):
        revoke_key(house.system, second.pk)
    assert hints() == {(False, True)}
    with acting(house.system):
        revoke_key(house.system, key.pk)
    assert hints() == {(True, False)}
    with acting(house.system):
        end_partner(house.system, partner_id)
    assert hints() == {(False, False)}


# --- The sheet, and whose pages they are ----------------------------------------------------------------------------


def test_the_sheet_says_what_a_portal_must_know(cast: Cast) -> None:
    house, client = cast.albers, admin(cast)
    partner_id = registered(house, reads=()).identity
    address = reverse("practice:partner_sheet", args=[partner_id])
    assert "send us your public key" in unescape(client.get(address).content.decode())
    good, bad = keyed(house, partner_id), keyed(house, partner_id)
    with acting(house.system):
        revoke_key(house.system, bad.pk)
        change_partner(house.system, partner_id, {"reads": ["busy", "match"], "ends_on": date(2199, 5, 1)})
    page = unescape(client.get(address).content.decode())
    for said in ("http://127.0.0.1:8000/api/otv/v1", good.reference, fingerprint(good.public_key), "busy", "match"):
        assert said in page
    assert bad.reference not in page
    assert fingerprint(bad.public_key) not in page


@pytest.mark.req("ACC-6")
def test_the_pages_are_for_administrators_of_this_practice(cast: Cast) -> None:
    house = cast.albers
    partner_id = registered(house, reads=()).identity
    key, other = keyed(house, partner_id), registered(house, "Anderes").identity
    pages = [reverse(f"practice:{name}", args=[partner_id]) for name in ("partner", "partner_keys", "partner_sheet")]
    pages += [reverse("privacy:partner_log", args=[partner_id])]
    pages += [reverse("practice:partner_key_revocation", args=[partner_id, key.pk])]
    people = {one: client_of(cast, one) for one in ("administrator", "practitioner", "secretary", "stranger")}
    people |= {one: client_of(cast, one) for one in (DELEGATE, "anonymous")}
    found = {person: {client.get(page).status_code for page in pages} for person, client in people.items()}
    assert found == {
        "administrator": {200}, "practitioner": {403}, "secretary": {403}, "stranger": {404}, DELEGATE: {403},
        "anonymous": {302},
    }  # fmt: skip
    client = admin(cast)
    for name in ("partner_key_end", "partner_key_revocation"):
        assert client.post(reverse(f"practice:{name}", args=[other, key.pk])).status_code == 404, "not its key"
    assert (
        client.post(reverse("practice:partner_keys", args=[partner_id]), {"sent": PEM, "key": "x"}).status_code == 404
    )
    assert keys_of(house)[0].revoked_at is None
    assert timezone.now().date() > SINCE
