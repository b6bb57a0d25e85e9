"""Why a call of a partner is refused at the door. Codes are part of the contract (docs/developers/partners.md)."""

from django.utils.translation import gettext_lazy as _

from sprechzeit.core.errors import DomainError


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


class BodyTooLarge(DomainError):
    """The body has more than 64 KiB."""

    code = "body_too_large"
    status = 413
    message = _("The body is too large: 64 KiB at most.")


class NotJson(DomainError):
    """The body is no JSON that can be stored (RFC 8259): malformed, NUL, half characters, NaN."""

    code = "malformed_json"
    status = 400
    message = _("The body is no valid JSON.")


class WrongMediaType(DomainError):
    """The body says that it is something else than JSON."""

    code = "not_json"
    status = 415
    message = _("Send the body as JSON, with Content-Type application/json.")


class InvalidRequest(DomainError):
    """Fields are missing or not as the contract says. `fields`: which, and what about them."""

    code = "invalid_request"
    status = 422
    message = _("Some fields are missing, or not as the contract says. They are named in “fields”.")


class NoSuchMethod(DomainError):
    """The address knows other methods only."""

    code = "method_not_allowed"
    status = 405
    message = _("This address does not answer to this method. “Allow” names those that it does.")


class Failed(DomainError):
    """A fault of the program. What happened stands in its log, by the id of the request."""

    code = "server_error"
    status = 500
    message = _("This did not work, and it is our fault. Please try again; if it stays so, tell the practice.")


class Away(DomainError):
    """The database is away."""

    code = "unavailable"
    status = 503
    message = _("The practice's system is not available now. Please try again in half a minute.")


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
