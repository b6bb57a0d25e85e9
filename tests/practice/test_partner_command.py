"""`sprechzeit partner …`: what the pages do, by command, with the same refusals (OTV-1, OTV-2)."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.utils import translation

from sprechzeit.audit.models import Entry
from sprechzeit.cli import partner as commands
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_reference
from sprechzeit.practice.models import Partner, PartnerKey
from sprechzeit.practice.partner_keys import fingerprint
from tests.support.cast import Cast, House
from tests.support.partners import keyed, public_text, registered

pytestmark = pytest.mark.req("OTV-1", "OTV-2")
PAIR = Ed25519PrivateKey.generate()
SSH = PAIR.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)


def call(command: click.Command, *given: str, sent: str | bytes | None = None) -> Result:
    with translation.override("en"):
        return CliRunner().invoke(command, list(given), input=sent)


def done(command: click.Command, *given: str, sent: str | bytes | None = None) -> str:
    answer = call(command, *given, sent=sent)
    assert answer.exit_code == 0, answer.output
    return answer.output


def now(house: House) -> Partner:
    with acting(house.system):
        return Partner.objects.get()


def key_now(house: House) -> PartnerKey:
    with acting(house.system):
        return PartnerKey.objects.get()


def test_a_partner_from_registering_to_its_end(cast: Cast, tmp_path: Path) -> None:
    house, file = cast.albers, tmp_path / "key.pub"
    file.write_bytes(SSH)
    assert "Registered: TerminFinder" in done(
        commands.register, "albers", "TerminFinder", "--reads", "match,rooms", "--starts", "2026-01-11",
        "--email", "it@portal.example", "--webhook", "https://portal.example/in",
    )  # fmt: skip
    found = now(house)
    assert (found.reads, found.confirms, found.webhook_url) == (
        ["rooms", "match"],
        "practice",
        "https://portal.example/in",
    )
    assert "No key is good" in done(commands.list_partners, "albers")
    said = done(commands.add, "albers", "terminfinder", str(file), "--label", "2026", "--until", "2199-12-31")
    key = key_now(house)
    assert f"keyid {key.reference}\nSHA256 {fingerprint(public_text(PAIR))}\n" in said
    assert done(commands.list_partners, "albers") == "TerminFinder: active · good keys: 1\n"
    shown = done(commands.show, "albers", str(found.pk))
    for words in (key.reference, fingerprint(key.public_key), "/api/otv/v1", "rooms", "match", "State: active"):
        assert words in shown
    done(commands.set_partner, "albers", "TerminFinder", "--name", "Finder", "--confirms", "partner", "--reads", "none")
    found = now(house)
    assert (found.name, found.confirms, found.reads, found.email) == ("Finder", "partner", [], "it@portal.example")
    done(commands.set_partner, "albers", "Finder", "--ends", "2199-12-31", "--webhook", "", "--contact", "none")
    assert (now(house).webhook_url, str(now(house).ends_on), now(house).contact) == ("", "2199-12-31", "none")
    done(commands.set_partner, "albers", "Finder", "--ends", "none")
    assert now(house).ends_on is None
    done(commands.until, "albers", key.reference, "none")
    assert key_now(house).ends_at is None
    assert call(commands.revoke, "albers", key.reference, sent="n\n").exit_code == 1
    assert key_now(house).revoked_at is None
    assert "Revoked" in done(commands.revoke, "albers", key.reference, sent="y\n")
    assert key_now(house).revoked_at is not None
    assert call(commands.end, "albers", "Finder").exit_code == 1, "nobody said yes"
    done(commands.end, "albers", "Finder", "--yes")
    assert now(house).ended_at is not None
    done(commands.end, "albers", "Finder", "--resume")
    assert now(house).ended_at is None
    with acting(house.system):
        entry = Entry.objects.filter(table_name="practice_partnerkey").latest("id")
    assert (entry.actor, entry.request) == ("system", "command:partner key revoke")


@pytest.mark.parametrize(
    ("command", "given", "code", "said"),
    [
        (commands.list_partners, ["nowhere"], 1, "There is no practice"),
        (commands.show, ["albers", "Niemand"], 1, "There are: TerminFinder"),
        (commands.register, ["albers", "TERMINFINDER"], 1, "already there"),
        (commands.register, ["albers", " "], 2, "A name is needed"),
        (commands.register, ["albers", "x" * 101], 2, "At most 100"),
        (commands.register, ["albers", "Neu", "--reads", "rooms,all"], 2, "There is no “all”"),
        (commands.register, ["albers", "Neu", "--starts", "2026-01-02", "--ends", "2026-01-01"], 1, "not be before"),
        (commands.register, ["albers", "Neu", "--starts", "none"], 2, "has a first day"),
        (commands.register, ["albers", "Neu", "--email", "portal"], 2, "no e-mail address"),
        (commands.register, ["albers", "Neu", "--confirms", "both"], 2, "Invalid value"),
        (commands.set_partner, ["albers", "TerminFinder"], 2, "Nothing was given"),
        (commands.set_partner, ["albers", "TerminFinder", "--webhook", "http://portal.example"], 1, "https://"),
        (commands.set_partner, ["albers", "TerminFinder", "--website", "javascript:alert(1)"], 1, "https://"),
        (commands.set_partner, ["albers", "TerminFinder", "--ends", "soon"], 2, "2026-12-31"),
        (commands.add, ["albers", "TerminFinder", "/no/such/file"], 1, "cannot be read"),
        (commands.add, ["albers", "TerminFinder", "-", "--until", "2026-01-01"], 1, "This day is over"),
        (commands.add, ["albers", "TerminFinder", "-", "--label", "x" * 101], 2, "too long"),
        (commands.revoke, ["albers", "no-such-key", "--yes"], 1, "There is no key"),
        (commands.until, ["albers", "no-such-key", "none"], 1, "There is no key"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_changes_nothing(
    cast: Cast, command: click.Command, given: list[str], code: int, said: str
) -> None:
    registered(cast.albers)
    with acting(cast.albers.system):
        before = list(Partner.objects.values())
    answer = call(command, *given, sent=SSH)
    assert (answer.exit_code, said in answer.output) == (code, True), answer.output
    with acting(cast.albers.system):
        assert (list(Partner.objects.values()), PartnerKey.objects.count()) == (before, 0)


def test_a_private_key_is_refused_in_the_same_words(cast: Cast) -> None:
    registered(cast.albers)
    private = PAIR.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    answer = call(commands.add, "albers", "TerminFinder", "-", sent=private)
    assert (answer.exit_code, "it belongs to the partner alone" in answer.output) == (1, True)


def test_keys_and_partners_of_another_practice_are_not_there(cast: Cast) -> None:
    key = keyed(cast.brandt, registered(cast.brandt).identity)
    assert call(commands.revoke, "albers", key.reference, "--yes").exit_code == 1
    assert call(commands.show, "albers", "TerminFinder").exit_code == 1
    assert done(commands.list_partners, "albers") == ""
    assert key_now(cast.brandt).revoked_at is None


def test_no_reference_looks_like_an_option() -> None:
    """One in sixty-four did: a command that was given it asked what was meant."""
    assert not any(new_reference().startswith("-") for _ in range(2_000))
