"""Who the practice is, and by which keys its answers are known (OTV-2, OTV-4)."""

from typing import Any

from ninja import Field, Router, Schema

from sprechzeit.partners.policy import published_signing_keys
from sprechzeit.partners.signing import jwk
from sprechzeit.practice.models import Confirms
from sprechzeit.practice.policy import partner_of
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest
from sprechzeit.scheduling.actions.hold import HOLD_MINUTES

router = Router(tags=["practice"])


class Rules(Schema):
    """What holds for bookings."""

    cancel_hours: int = Field(description="Patients may cancel until so many hours before.", examples=[24])
    hold_minutes: int = Field(description="For so long a hold keeps its time.", examples=[10])


class Key(Schema):
    """A public key as a JSON Web Key (RFC 7517, RFC 8037)."""

    kty: str = Field(examples=["OKP"])
    crv: str = Field(examples=["Ed25519"])
    kid: str = Field(description="The keyid of signatures made with it.", examples=["bW9ja2luZ2JpcmQ"])
    x: str = Field(examples=["JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"])
    use: str = Field(examples=["sig"])
    alg: str = Field(examples=["EdDSA"])


class PracticeFacts(Schema):
    """The practice whose partner the caller is, as its patients know it."""

    name: str = Field(examples=["Praxis Lindenhof"])
    time_zone: str = Field(examples=["Europe/Berlin"])
    phone: str = Field(examples=["0221 555 0100"])
    email: str | None = Field(None, examples=["praxis@lindenhof.example"])
    booking_rules: Rules
    confirms: Confirms = Field(
        description="Who writes to patients about what you book from now on; of a booking its own answer counts.",
        examples=["practice"],
    )
    keys: list[Key] = Field(description="What answers are signed with now and next, the newest first.")


@router.get("/practice", response=PracticeFacts, summary="The practice and its keys")
def practice(request: ActorRequest) -> dict[str, Any]:
    """The practice whose partner signs the call, and the keys that its answers and webhooks are signed with."""
    found, partner = practice_of(request.actor), partner_of(request.actor)
    assert partner is not None  # noqa: S101 – the door lets partners in and nobody else
    return {
        "name": found.shown_name,
        "time_zone": found.zone_name,
        "phone": found.shown_phone,
        "email": found.email or None,
        "booking_rules": {"cancel_hours": found.cancel_hours, "hold_minutes": HOLD_MINUTES},
        "confirms": partner.confirms,
        "keys": [jwk(one.reference, one.public_key) for one in published_signing_keys(request.actor)],
    }
