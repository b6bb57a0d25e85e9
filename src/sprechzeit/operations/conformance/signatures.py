"""Whom a practice lets in: signed calls, and no others (OTV-2); and that its own answers are signed."""

from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sprechzeit.operations.conformance.outcome import Part, expect
from sprechzeit.operations.conformance.wire import Answer, Message, Practice, Signing, new_key, send
from sprechzeit.operations.terminal import _

door: Part[Practice] = Part("signatures")
_SOME = "/practice"


def _sent(practice: Practice, signing: Signing, message: Message | None = None) -> Answer:
    message = message or practice.message("GET", _SOME)
    signing.sign(message)
    return send(message)


def _refused(answer: Answer, code: str) -> None:
    answer.is_problem(401)
    expect(
        answer.body["code"] == code,
        _("refused as %(code)s instead of %(wanted)s") % {"code": answer.body["code"], "wanted": code},
    )


def _match(practice: Practice, **headers: str) -> Message:
    """A call with a body, of no consequence."""
    return practice.message("POST", "/holds", {"type": "kit", "starts_at": "2001-01-01T00:00:00Z"}, **headers)


@door.plays("signed", _("A signed call is let in, and the practice names its keys"))
def signed(practice: Practice) -> str:
    answer = practice.ask(_SOME).is_status(200)
    practice.found["keys"] = answer.body["keys"]
    practice.found["zone"] = answer.body["time_zone"]
    practice.found["practice"] = answer.body
    return str(answer.body["name"])


@door.plays("answer-signed", _("The answer is signed, and bound to its call"))
def answer_signed(practice: Practice) -> None:
    practice.check_signature(practice.ask(_SOME).is_status(200))


@door.plays("refusal-signed", _("A refusal is signed as well"))
def refusal_signed(practice: Practice) -> None:
    practice.check_signature(practice.ask("/appointments/kit-does-not-exist").is_problem(404))


@door.plays("within-time", _("A signature of four minutes ago is good"))
def within_time(practice: Practice) -> None:
    _sent(practice, replace(practice.signing, late=240)).is_status(200)


@door.plays("unsigned", _("Refused: no signature"))
def unsigned(practice: Practice) -> None:
    _refused(send(practice.message("GET", _SOME)), "signature_missing")


@door.plays("wrong-signature", _("Refused: the signature of another key"))
def wrong_signature(practice: Practice) -> None:
    _refused(_sent(practice, replace(practice.signing, key=Ed25519PrivateKey.generate())), "signature_wrong")


@door.plays("unknown-key", _("Refused: a key that nobody registered"))
def unknown_key(practice: Practice) -> None:
    stranger = replace(practice.signing, keyid=new_key(), key=Ed25519PrivateKey.generate())
    _refused(_sent(practice, stranger), "signature_wrong")


@door.plays("other-address", _("Refused: another address than was signed"))
def other_address(practice: Practice) -> None:
    message = practice.message("GET", _SOME)
    practice.signing.sign(message)
    _refused(send(replace(message, url=f"{message.url}?kit=1")), "signature_wrong")


@door.plays("other-method", _("Refused: another method than was signed"))
def other_method(practice: Practice) -> None:
    message = practice.message("GET", "/appointments")
    practice.signing.sign(message)
    _refused(send(replace(message, method="DELETE")), "signature_wrong")


@door.plays("wrong-digest", _("Refused: another body than was signed"))
def wrong_digest(practice: Practice) -> None:
    message = _match(practice, idempotency_key=new_key())
    practice.signing.sign(message)
    _refused(send(replace(message, body=message.body.replace(b"kit", b"kat"))), "digest_wrong")


@door.plays("no-digest", _("Refused: a body without a signed digest"))
def no_digest(practice: Practice) -> None:
    message = _match(practice, idempotency_key=new_key())
    _refused(_sent(practice, replace(practice.signing, digest=False), message), "signature_incomplete")


@door.plays("unsigned-idempotency-key", _("Refused: an idempotency key that is not signed"))
def unsigned_key(practice: Practice) -> None:
    message = _match(practice, idempotency_key=new_key())
    _refused(_sent(practice, replace(practice.signing, without=("idempotency-key",)), message), "signature_incomplete")


@door.plays("missing-component", _("Refused: a signature that leaves the query out"))
def missing_component(practice: Practice) -> None:
    _refused(_sent(practice, replace(practice.signing, without=("@query",))), "signature_incomplete")


@door.plays("short-nonce", _("Refused: a nonce that can be guessed"))
def short_nonce(practice: Practice) -> None:
    _refused(_sent(practice, replace(practice.signing, nonce="1")), "signature_incomplete")


@door.plays("wrong-tag", _("Refused: a signature made for something else (tag)"))
def wrong_tag(practice: Practice) -> None:
    _refused(_sent(practice, replace(practice.signing, tag="kit-other")), "signature_unreadable")


@door.plays("stale", _("Refused: a signature of six minutes ago"))
def stale(practice: Practice) -> None:
    _refused(_sent(practice, replace(practice.signing, late=360)), "signature_stale")


@door.plays("future", _("Refused: a signature of the future"))
def future(practice: Practice) -> None:
    _refused(_sent(practice, replace(practice.signing, late=-360)), "signature_stale")


@door.plays("replay", _("Refused: the same call once more"))
def replay(practice: Practice) -> None:
    message = practice.message("GET", _SOME)
    practice.signing.sign(message)
    send(message).is_status(200)
    _refused(send(message), "nonce_reused")


@door.plays("garbage", _("Refused: headers that are no signature"))
def garbage(practice: Practice) -> None:
    message = practice.message("GET", _SOME, signature_input='kit=("@method', signature="kit=:::")
    _refused(send(message), "signature_unreadable")


@door.plays("languages", _("A refusal speaks German and English, with one code"))
def languages(practice: Practice) -> str:
    codes, details = set(), set()
    for language in ("de", "en"):
        answer = practice.ask("/appointments/kit-does-not-exist", language=language).is_problem(404)
        codes.add(answer.body["code"])
        details.add(answer.body["detail"])
    expect(len(codes) == 1, _("the code depends on the language"))
    expect(len(details) == 2, _("the text is the same in both languages"))
    return str(codes.pop())
