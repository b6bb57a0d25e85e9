"""Why a call of a partner is refused at the door. Codes are part of the contract (docs/developers/partners.md)."""

from django.utils.translation import gettext_lazy as _

from sprechzeit.core.errors import DomainError
from sprechzeit.core.problems import (
    Away,
    BodyTooLarge,
    Failed,
    InvalidRequest,
    NoSuchMethod,
    NotJson,
    WrongMediaType,
)

__all__ = [
    "TROUBLES",
    "Away",
    "BodyTooLarge",
    "DigestWrong",
    "Failed",
    "InvalidRequest",
    "KeyEnded",
    "KeyNotYet",
    "KeyRevoked",
    "NoSuchMethod",
    "NonceReused",
    "NotJson",
    "PartnerEnded",
    "PartnerNotYet",
    "SignatureIncomplete",
    "SignatureStale",
    "SignatureUnreadable",
    "SignatureWrong",
    "ToldByLater",
    "TooManyCalls",
    "Unsigned",
    "WrongMediaType",
]


class Unsigned(DomainError):
    """The call has no signature (RFC 9421)."""

    code = "signature_missing"
    status = 401
    message = _("The call is not signed. Sign every call with a key that the practice has registered (RFC 9421).")


class SignatureUnreadable(DomainError):
    """Signature or Signature-Input are no structured fields, do not belong together, or none has our tag."""

    code = "signature_unreadable"
    status = 401
    message = _(
        "No signature of the call can be read. Send one in Signature and Signature-Input, with tag “sprechzeit-otv”."
    )


class SignatureIncomplete(DomainError):
    """The signature does not cover all that it has to, or lacks a parameter. `missing`: what."""

    code = "signature_incomplete"
    status = 401
    message = _("The signature does not cover everything that it has to. What is missing is named in “missing”.")


class SignatureStale(DomainError):
    """The signature was made more than five minutes ago, or is to be made later."""

    code = "signature_stale"
    status = 401
    message = _(
        "The signature is older than five minutes, or of the future. Check the clock, and sign every call anew."
    )


class SignatureWrong(DomainError):
    """The key is unknown, or it did not make this signature: the two cannot be told apart."""

    code = "signature_wrong"
    status = 401
    message = _(
        "The signature does not fit the call, or the practice has no such key. Check keyid, key and what was signed."
    )


class DigestWrong(DomainError):
    """Content-Digest is not that of the body that came."""

    code = "digest_wrong"
    status = 401
    message = _("Content-Digest does not fit the body that came. Sign the bytes exactly as they are sent.")


class NonceReused(DomainError):
    """A nonce came a second time: somebody repeats a call that was recorded, or the portal did not sign anew."""

    code = "nonce_reused"
    status = 401
    message = _("This call came before. Sign every call anew with a new nonce, a repeated one too.")


class KeyRevoked(DomainError):
    """The practice, or the partner, revoked the key."""

    code = "key_revoked"
    status = 401
    message = _("The key was revoked. Sign with another one, or ask the practice to register a new one.")


class KeyNotYet(DomainError):
    """The key is good from a later time on."""

    code = "key_not_yet"
    status = 401
    message = _("The key is not valid yet. Sign with another one until then.")


class KeyEnded(DomainError):
    """The key's time is over."""

    code = "key_ended"
    status = 401
    message = _("The key is no longer valid. Sign with another one, or ask the practice to register a new one.")


class PartnerEnded(DomainError):
    """The practice ended the partner, or its last day is over."""

    code = "partner_ended"
    status = 403
    message = _("The practice no longer works with this portal. Please ask the practice.")


class PartnerNotYet(DomainError):
    """The partner's first day is still to come."""

    code = "partner_not_yet"
    status = 403
    message = _("The practice works with this portal from a later day on. Please ask the practice.")


class TooManyCalls(DomainError):
    """More calls than the partner may make at a time (OTV-10). `retry_after` in seconds."""

    code = "too_many_calls"
    status = 429
    message = _("Too many calls. Wait as many seconds as Retry-After says, then sign and send it again.")

    def __init__(self, retry_after: int = 60) -> None:
        self.retry_after = retry_after
        super().__init__(retry_after=retry_after)


TROUBLES: dict[str, type[DomainError]] = {
    one.code: one for one in (KeyRevoked, KeyNotYet, KeyEnded, PartnerEnded, PartnerNotYet)
}
"""What `partner_key` of core/crossing.sql answers, and how it is refused."""


# --- For the practice, on the page of what partners are told ----------------------------------------------------------


class ToldByLater(DomainError):
    """The appointment was changed again since: what is to be sent is that change (OTV-9)."""

    code = "told_by_later"
    status = 409
    message = _("The appointment was changed again since. That later change is sent instead of this one.")
