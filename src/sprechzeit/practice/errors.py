"""Refusals of the practice: its settings, and its door."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from sprechzeit.core.errors import DomainError, NotAllowed
from sprechzeit.practice.plans import Feature, Plan, limits_of, plans_with


class NoPractice(NotAllowed):
    """Who is signed in works nowhere: they left, were suspended, or the only access to them ended."""

    code = "no_practice"
    message = _("You belong to no practice at present. If that is not right, ask the practice to invite you.")
    way_on = "practices"


class FromElsewhere(NotAllowed):
    """Another site's page sends this."""

    code = "from_elsewhere"
    message = _("This was sent from a page that is not ours. Nothing was changed. Please do it on our own page.")


class NameTaken(DomainError):
    """Another one of the practice has this name, be it retired."""

    code = "name_taken"
    status = 422
    message = _("This name is already there, perhaps on something retired. Please choose another one.")


class NotAnImage(DomainError):
    """What was sent as a logo is no PNG, JPEG or WebP image, or cannot be drawn."""

    code = "not_an_image"
    status = 422
    message = _("This is no image we can read. Please choose a PNG, JPEG or WebP file.")


class ImageTooLarge(DomainError):
    """What was sent as a logo has too many bytes or pixels."""

    code = "image_too_large"
    status = 422
    message = _("This image is too large. Please choose one of at most 2 MB and 4096 by 4096 pixels.")


class AlreadyMember(DomainError):
    """Who is to become a member is one."""

    code = "already_member"
    status = 422
    message = _("This person is a member of the practice already.")


class InvitedIsAnother(DomainError):
    """Who has the link of an invitation is signed in with an account of another address (ACC-8)."""

    code = "invited_is_another"
    status = 403
    message = _("This invitation was sent to another address. Please sign out and accept it with the account of that.")


class AlreadyInvited(DomainError):
    """An invitation to this address is open."""

    code = "already_invited"
    status = 422
    message = _("This address has been invited already. You can send the invitation again.")


class LastAdministrator(DomainError):
    """The practice would be left without an administrator (ACC-2)."""

    code = "last_administrator"
    status = 409
    message = _("A practice needs an administrator. Please make somebody else one first.")


class AlreadyGranted(DomainError):
    """The person has an access to the practice that is not revoked (ACC-20)."""

    code = "already_granted"
    status = 422
    message = _("This person has an access already. Please change that one, or ask an administrator to.")


class NothingGranted(DomainError):
    """An access would open nothing."""

    code = "nothing_granted"
    status = 422
    message = _("Please choose at least one area of one practitioner.")


class EndsInThePast(DomainError):
    """The last day of an access is over already."""

    code = "ends_in_the_past"
    status = 422
    message = _("This day is over. Please choose today or a later day.")


class NoSecondFactor(DomainError):
    """Who requires a second factor of others has none (ACC-9)."""

    code = "no_second_factor"
    status = 422
    message = _("Please set up a second factor for yourself first. It is a matter of a minute.")


class NotInPlan(DomainError):
    """The practice's plan does not have a feature (PLAN-4). `details`: feature, plan, and the plans that have it."""

    code = "not_in_plan"
    status = 403

    def __init__(self, feature: Feature, plan: Plan) -> None:
        having = plans_with(feature)
        message = format_lazy(
            _("{feature}: not in plan {plan}, but from plan {least} on. What is there already stays and can be read."),
            feature=FEATURE_NAMES[feature],
            plan=plan,
            least=having[0],
        )
        super().__init__(message, feature=feature, plan=plan, plans=having)


FEATURE_NAMES = {
    Feature.DELEGATED_BOOKING: _("Delegated booking"),
    Feature.ALL_AREAS: _("All areas of delegated access"),
    Feature.EXTERNAL_SCHEDULERS: _("External schedulers"),
}


class EndsBeforeStart(DomainError):
    """The last day of a booking partner is before its first."""

    code = "ends_before_start"
    status = 422
    message = _("The last day must not be before the first.")


class NoWebAddress(DomainError):
    """An address to be called does not begin with https://, has a password in it, or is of a private network."""

    code = "no_web_address"
    status = 422
    message = _(
        "Please enter the whole address, beginning with https://, without a name and password in it. "
        "Machines in private networks are not called."
    )


class NoPublicKey(DomainError):
    """What was sent as a booking partner's key is none that can be read (OTV-2)."""

    code = "no_public_key"
    status = 422
    message = _(
        "This is no public key that we can read. Ask the partner for its Ed25519 key as PEM (“BEGIN PUBLIC KEY”), as a "
        "line that begins with ssh-ed25519, as JWK, or as 32 bytes in base64."
    )


class PrivateKeySent(DomainError):
    """What was sent as a booking partner's key is a private key: whoever has it can act as the partner (OTV-2)."""

    code = "private_key_sent"
    status = 422
    message = _(
        "This is a private key: it belongs to the partner alone. Send it back and ask for the public one. The partner "
        "should make a new pair, since this one has been seen by others. Nothing of it was kept."
    )


class OtherKindOfKey(DomainError):
    """A booking partner's key is for another way of signing than Ed25519 (OTV-2)."""

    code = "other_kind_of_key"
    status = 422
    message = _(
        "This is a public key of another kind. The interface signs with Ed25519: ask the partner for such a key."
    )


class UnsafeKey(DomainError):
    """A booking partner's key has the right form, and no signature can be trusted under it (RFC 8032 5.1.3)."""

    code = "unsafe_key"
    status = 422
    message = _(
        "These are 32 bytes, but no public key that Ed25519 makes: perhaps it is the private one, or was copied with a "
        "mistake. Ask the partner for the public key again."
    )


class KeyKnown(DomainError):
    """A booking partner of the practice has this key already, be it revoked or over."""

    code = "key_known"
    status = 422
    message = _(
        "This key is registered already, with this partner or another one, or was once. Please ask for a new one."
    )


class KeyEndsInPast(DomainError):
    """A booking partner's key would be over before it is good."""

    code = "key_ends_in_past"
    status = 422
    message = _("This day is over: the key would never be good. Please choose today or a later day, or no end.")


class NoMobileNumber(DomainError):
    """What is to be called by SMS is no phone number."""

    code = "no_mobile_number"
    status = 422
    message = _("Please check the number, for example 0171 2345678.")


class NoGateway(DomainError):
    """The practice has no SMS gateway that a message could be given to."""

    code = "no_gateway"
    status = 409
    message = _("There is no SMS gateway yet. Please save its address first.")


class RoomsFull(DomainError):
    """The practice's plan has no more rooms (PLAN-4). `details`: plan and limit."""

    code = "rooms_full"
    status = 409
    message = _("The practice's plan has no more rooms.")

    def __init__(self, plan: Plan | None = None) -> None:
        if plan is None:
            super().__init__()
            return
        limit = limits_of(plan).rooms or 0
        message = format_lazy(
            _("Plan {plan}: {rooms}, and no more. Retire a room to make place for another one."),
            plan=plan,
            rooms=ngettext_lazy("%(count)s room", "%(count)s rooms", limit) % {"count": limit},
        )
        super().__init__(message, plan=plan, limit=limit)
