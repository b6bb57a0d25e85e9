"""The door for booking portals: who comes in, who does not, and what they are told (OTV-1, OTV-2, OTV-12)."""

import json
import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db.models import F
from django.utils import timezone

from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.core.licence import FEATURES, licence_file, licence_text
from sprechzeit.partners.actions.signing import forget_nonces, roll_signing_key
from sprechzeit.partners.models import Nonce, SigningKey
from tests.support.cast import Cast, House
from tests.support.licence import licensed
from tests.support.portal_client import Answer, Keys, Message, Portal, sign

PRACTICE = "/practice"


@pytest.fixture
def portal(cast: Cast) -> Portal:
    """A partner of Albers."""
    return Portal(cast.albers)


def refusals(house: House) -> list[dict[str, Any]]:
    """What the practice's log has of refused calls, oldest first."""
    with acting(house.system):
        entries = Entry.objects.filter(practice_id=house.practice.pk, operation="refused").select_related("value")
        return [{"actor": one.actor} | (one.value.new or {}) for one in entries.order_by("id")]


def refused(answer: Answer, status: int, code: str, *, signed: bool = True) -> None:
    """It is a problem that says what to do, and no more."""
    assert (answer.status, answer.code, answer.signed) == (status, code, signed), answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"
    says = answer.json
    assert says["type"] == f"/problems/{code}" and says["status"] == status
    assert says["title"] and len(says["detail"]) > 20
    assert set(says) <= {"type", "title", "status", "detail", "code", "missing", "fields", "retry_after", "next_free"}


@pytest.mark.req("OTV-2")
def test_a_signed_call_is_answered_and_the_answer_is_signed(portal: Portal) -> None:
    answer = portal.get(PRACTICE)
    assert (answer.status, answer.signed) == (200, True)
    assert answer.json["name"] == "Praxis Albers"
    assert [one["kid"] for one in answer.json["keys"]] == list(portal.practice_keys())
    assert refusals(portal.house) == []
    again = portal.get(PRACTICE)
    assert again.json == answer.json, "the practice's key is made once"


# --- Signatures -----------------------------------------------------------------------------------------------------


@pytest.mark.req("OTV-2", "OTV-12")
def test_an_unsigned_call_is_refused(portal: Portal, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "sprechzeit.partners.door"):
        answer = portal.send(Message("GET", portal.url(PRACTICE), {}))
    refused(answer, 401, "signature_missing", signed=False)
    assert answer.headers["WWW-Authenticate"] == "Signature"
    assert 'tag="sprechzeit-otv"' in answer.headers["Accept-Signature"]
    assert "signature_missing" in caplog.text
    assert refusals(portal.house) == []


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "of another use": ({"tag": "another"}, "signature_unreadable"),
    "without a use": ({"tag": None}, "signature_unreadable"),
    "too old": ({"ago": 301}, "signature_stale"),
    "of the future": ({"ago": -302}, "signature_stale"),
    "with a short nonce": ({"nonce": "123456789012345"}, "signature_incomplete"),
    "with a long nonce": ({"nonce": "1" * 101}, "signature_incomplete"),
    **{f"without {name}": ({"without": [name]}, "signature_incomplete")
       for name in ("@method", "@authority", "@path", "@query", "content-digest", "content-type", "idempotency-key")},
}  # fmt: skip


@pytest.mark.req("OTV-2", "OTV-12")
@pytest.mark.parametrize("how", BROKEN)
def test_a_signature_that_is_not_as_it_has_to_be_is_refused(portal: Portal, how: str) -> None:
    otherwise, code = BROKEN[how]
    data = {"a": 1}
    answer = portal.send(portal.signed("POST", PRACTICE, data, idempotency_key="k" * 20, **otherwise))
    refused(answer, 401, code, signed=False)
    if how.startswith("without @") or "content" in how or "idempotency" in how:
        assert answer.json["missing"] == otherwise["without"]


@pytest.mark.req("OTV-2")
@pytest.mark.parametrize("ago", [298, -298])
def test_a_clock_may_go_wrong_by_nearly_five_minutes(portal: Portal, ago: int) -> None:
    assert portal.send(portal.signed("GET", PRACTICE, ago=ago)).status == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Signature-Input", "nonsense ((("),
        ("Signature-Input", 'portal="text"'),
        ("Signature-Input", "portal=1"),
        ("Signature-Input", 'portal=(1 2);tag="sprechzeit-otv"'),
        ("Signature-Input", ""),
        ("Signature", "nonsense"),
        ("Signature", ""),
        ("Signature", "portal=:AAAA:"),
        ("Signature", 'portal="text"'),
        ("Signature", "other=:AAAA:"),
        ("Signature-Input", "ä" * 10),
        ("Content-Digest", "sha-256=:AAAA:"),
    ],
)
@pytest.mark.req("OTV-2")
def test_broken_fields_are_refused_and_break_nothing(portal: Portal, field: str, value: str) -> None:
    message = portal.signed("POST", PRACTICE, {"a": 1})
    message.headers[field] = value
    label = message.headers["Signature-Input"] if field == "Signature-Input" else ""
    answer = portal.send(message)
    assert answer.status == 401 and answer.code.startswith("signature_"), (answer.body, label)


@pytest.mark.req("OTV-2")
def test_what_was_changed_on_the_way_is_refused(portal: Portal) -> None:
    def changed(**how: Any) -> Answer:
        message = portal.signed("POST", PRACTICE + "?a=1", {"a": 1}, idempotency_key="k" * 20)
        message.headers |= how.pop("headers", {})
        for name, value in how.items():
            setattr(message, name, value)
        return portal.send(message)

    refused(changed(method="PUT"), 401, "signature_wrong", signed=False)
    refused(changed(url=portal.url(PRACTICE + "?a=2")), 401, "signature_wrong", signed=False)
    refused(changed(url=portal.url("/types?a=1")), 401, "signature_wrong", signed=False)
    refused(changed(headers={"Idempotency-Key": "x" * 20}), 401, "signature_wrong", signed=False)
    refused(changed(headers={"Content-Type": "text/plain"}), 401, "signature_wrong", signed=False)
    refused(changed(headers={"Host": "localhost"}), 401, "signature_wrong", signed=False)
    refused(changed(body=b'{"a": 2}'), 401, "digest_wrong", signed=False)
    assert {one["code"] for one in refusals(portal.house)} == {"signature_wrong", "digest_wrong"}


@pytest.mark.req("OTV-2")
def test_a_body_that_is_not_signed_is_refused(portal: Portal) -> None:
    """A signed call without a body does not carry one that somebody adds."""
    message = portal.signed("POST", PRACTICE)
    message.body = b"{}"
    message.headers["Content-Type"] = "application/json"
    answer = portal.send(message)
    refused(answer, 401, "signature_incomplete", signed=False)
    assert answer.json["missing"] == ["content-digest", "content-type"]


@pytest.mark.req("OTV-2", "OTV-12")
def test_an_unknown_key_is_told_as_a_wrong_signature(portal: Portal, cast: Cast) -> None:
    """Who has no key learns of none: not that there is one, nor whose."""
    stranger = Ed25519PrivateKey.generate()
    unknown = portal.send(portal.signed("GET", PRACTICE, keys=Keys("no-such-key", stranger)))
    forged = portal.send(portal.signed("GET", PRACTICE, keys=Keys(portal.keys.reference, stranger)))
    assert (unknown.status, unknown.json) == (forged.status, forged.json)
    refused(unknown, 401, "signature_wrong", signed=False)
    refused(forged, 401, "signature_wrong", signed=False)
    (noted,) = refusals(cast.albers)
    assert noted == {"actor": portal.actor.name, "code": "signature_wrong", "key": portal.keys.reference}


@pytest.mark.req("OTV-2")
def test_of_several_signatures_ours_counts(portal: Portal) -> None:
    """A proxy may sign too."""
    message = portal.signed("GET", PRACTICE)
    proxy = Keys("proxy", Ed25519PrivateKey.generate())
    sign(message, proxy, tag="proxy", label="other", append_if_signature_exists=True)
    message.headers["Signature-Input"] = ", ".join(reversed(message.headers["Signature-Input"].split(", ")))
    assert portal.send(message).status == 200
    sign(message, portal.keys, label="second", append_if_signature_exists=True)
    refused(portal.send(message), 401, "signature_unreadable", signed=False)


# --- Nonces ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("OTV-2")
def test_a_call_is_answered_once(portal: Portal) -> None:
    message = portal.signed("GET", PRACTICE)
    assert portal.send(message).status == 200
    refused(portal.send(message), 401, "nonce_reused")
    again = portal.signed("GET", PRACTICE, nonce="n" * 20)
    assert portal.send(again).status == 200
    refused(portal.send(portal.signed("GET", PRACTICE, nonce="n" * 20)), 401, "nonce_reused")
    assert [one["code"] for one in refusals(portal.house)] == ["nonce_reused"] * 2


@pytest.mark.req("OTV-2")
def test_a_nonce_is_used_though_the_call_was_refused(portal: Portal) -> None:
    message = portal.signed("GET", "/nothing-of-the-kind")
    refused(portal.send(message), 404, "not_found")
    refused(portal.send(message), 401, "nonce_reused")


@pytest.mark.req("OTV-2")
def test_the_same_nonce_is_another_one_with_another_key(portal: Portal, cast: Cast) -> None:
    other, second = Portal(cast.brandt, "Anders"), portal.new_keys()
    for answer in (
        portal.send(portal.signed("GET", PRACTICE, nonce="n" * 20)),
        portal.send(portal.signed("GET", PRACTICE, nonce="n" * 20, keys=second)),
        other.send(other.signed("GET", PRACTICE, nonce="n" * 20)),
    ):
        assert answer.status == 200


def test_nonces_go_when_their_time_is_over(portal: Portal) -> None:
    house = portal.house
    portal.get(PRACTICE)
    portal.get(PRACTICE)
    with acting(house.system):
        first = Nonce.objects.order_by("used_at").first()
        assert first is not None
        Nonce.objects.filter(pk=first.pk).update(used_at=F("used_at") - timedelta(minutes=16))
        assert forget_nonces(house.system) == 1
        assert Nonce.objects.filter(practice_id=house.practice.pk).count() == 1


# --- Keys, partner, licence -----------------------------------------------------------------------------------------


@pytest.mark.req("OTV-2")
def test_several_keys_are_good_at_once(portal: Portal) -> None:
    old, new = portal.keys, portal.new_keys()
    for keys in (old, new):
        assert portal.send(portal.signed("GET", PRACTICE, keys=keys)).status == 200
    portal.change_key(revoked_at=timezone.now())
    refused(portal.send(portal.signed("GET", PRACTICE, keys=old)), 401, "key_revoked")
    assert portal.send(portal.signed("GET", PRACTICE, keys=new)).status == 200


HOUR = timedelta(hours=1)
KEYS: dict[str, tuple[dict[str, Any], str]] = {
    "revoked": ({"revoked_at": -HOUR}, "key_revoked"),
    "ended": ({"ends_at": -HOUR}, "key_ended"),
    "not yet": ({"starts_at": HOUR}, "key_not_yet"),
}


@pytest.mark.req("OTV-1", "OTV-2")
@pytest.mark.parametrize("how", KEYS)
def test_a_key_that_is_not_good_now_is_refused(portal: Portal, how: str) -> None:
    facts, code = KEYS[how]
    moments = {name: timezone.now() + away for name, away in facts.items()}
    if how == "revoked":
        portal.change_key(**moments)
    else:
        portal.keys = portal.new_keys(**{"starts_at": timezone.now() - 2 * HOUR} | moments)
    refused(portal.get(PRACTICE), 401, code)
    assert refusals(portal.house) == [{"actor": portal.actor.name, "code": code, "key": portal.keys.reference}]


@pytest.mark.req("OTV-1")
@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"ended_at": datetime(2026, 2, 1, tzinfo=UTC)}, "partner_ended"),
        ({"ends_on": date(2026, 2, 1)}, "partner_ended"),
        ({"starts_on": date(2190, 1, 1)}, "partner_not_yet"),
    ],
)
def test_a_partner_that_may_do_nothing_is_refused(portal: Portal, facts: dict[str, Any], code: str) -> None:
    portal.change(**facts)
    refused(portal.get(PRACTICE), 403, code)
    assert [one["code"] for one in refusals(portal.house)] == [code]


@pytest.mark.req("OTV-1")
def test_without_a_licence_everybody_is_refused(portal: Portal) -> None:
    today, kept = datetime.now(UTC).date(), licence_file().read_text()
    long_ago = today - timedelta(days=90)
    broken = kept.replace("Tests", "Somebody")
    try:
        for text, code in (
            (None, "licence_missing"),
            ("", "licence_missing"),
            ("[]", "licence_missing"),
            (broken, "licence_missing"),
            (licence_text("Tests", today, today, frozenset()), "licence_missing"),
            (licence_text("Tests", long_ago, today - timedelta(days=1), FEATURES), "licence_ended"),
            (licence_text("Tests", today + timedelta(days=1), today + timedelta(days=9), FEATURES), "licence_ended"),
        ):
            licence_file().unlink(missing_ok=True)
            if text is not None:
                licence_file().write_text(text)
            refused(portal.get(PRACTICE), 403, code)
        licence_file().write_text(licence_text("Tests", today, today, FEATURES))
        assert portal.get(PRACTICE).status == 200
    finally:
        licence_file().unlink(missing_ok=True)
        licensed()
    assert len(refusals(portal.house)) == 7


@pytest.mark.req("OTV-1")
def test_only_trusted_issuers_count(portal: Portal, settings: Any) -> None:
    settings.LICENCE_ISSUERS = ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]
    refused(portal.get(PRACTICE), 403, "licence_missing")
    settings.LICENCE_ISSUERS = [json.loads(licence_file().read_text())["issuer"]]
    assert portal.get(PRACTICE).status == 200


# --- The practice's keys --------------------------------------------------------------------------------------------


@pytest.mark.req("OTV-2")
def test_the_practices_next_key_is_known_before_it_signs(portal: Portal) -> None:
    house = portal.house
    first = portal.get(PRACTICE).json["keys"]
    with acting(house.system):
        made = roll_signing_key(house.system)
        assert roll_signing_key(house.system).pk == made.pk
    answer = portal.get(PRACTICE)
    assert [one["kid"] for one in answer.json["keys"]] == [made.reference, first[0]["kid"]]
    assert f'keyid="{first[0]["kid"]}"' in answer.headers["Signature-Input"]
    with acting(house.system):
        SigningKey.objects.filter(pk=made.pk).update(starts_at=timezone.now())
    assert f'keyid="{made.reference}"' in portal.get(PRACTICE).headers["Signature-Input"]


@pytest.mark.req("OTV-2")
def test_each_practice_signs_with_its_own_key(portal: Portal, cast: Cast) -> None:
    other = Portal(cast.brandt, "Anders")
    assert portal.get(PRACTICE).json["name"] == "Praxis Albers"
    assert other.get(PRACTICE).json["name"] == "Praxis Brandt"
    assert not set(portal.practice_keys()) & set(other.practice_keys())
