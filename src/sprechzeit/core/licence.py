"""The installation's licence: a signed file that says what it may be used for beyond the practice itself (OTV-1).

`holder`, `valid_from`, `valid_until` (the last day, in UTC), `features`, and who issued it: an Ed25519 public key with
its signature (RFC 8032) over all other members as JSON, sorted and without spaces. Its trusted issuers are those that a
setting names; without them the installation itself, by a key that comes from its master key.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sprechzeit.core.crypto import derived
from sprechzeit.core.errors import DomainError

OTV = "otv"
"""Booking portals of others (OTV-1)."""
FEATURES = frozenset({OTV})


class Unlicensed(DomainError):
    """The installation has no licence for this, or none that is signed by somebody it trusts."""

    code = "licence_missing"
    status = 403
    message = _(
        "This installation of Sprechzeit has no licence for booking portals. Please tell the practice: "
        "whoever runs its server can install one (sprechzeit licence)."
    )


class LicenceOver(DomainError):
    """The installation's licence has ended, or has not begun."""

    code = "licence_ended"
    status = 403
    message = _(
        "The licence for booking portals of this installation of Sprechzeit is not valid today. Please tell the "
        "practice: whoever runs its server can renew it (sprechzeit licence)."
    )


class NoLicence(Exception):
    """The file is no licence, or nobody trusted signed it. The text says why, for operators."""


@dataclass(frozen=True, slots=True)
class Licence:
    """What a licence says. `valid_until`: the last day; both days in UTC."""

    holder: str
    valid_from: date
    valid_until: date
    features: frozenset[str]
    issuer: str

    def is_valid(self, day: date) -> bool:
        """Whether it is good on a day."""
        return self.valid_from <= day <= self.valid_until


def require_licence(feature: str) -> None:
    """Raise `Unlicensed` or `LicenceOver` unless the installation may do this today. Looks at the file each time."""
    try:
        found = installed()
    except NoLicence:
        raise Unlicensed from None
    if found is None or feature not in found.features:
        raise Unlicensed
    if not found.is_valid(datetime.now(UTC).date()):
        raise LicenceOver


def installed() -> Licence | None:
    """The installation's licence; None without one. Raises `NoLicence` for a file that is none."""
    path = licence_file()
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NoLicence(gettext("the file cannot be read")) from error
    # What was read stays known until the file changes.
    return _read(path, state.st_mtime_ns, state.st_size, state.st_ino, issuers())


def licence_file() -> Path:
    """Where it lies."""
    return Path(settings.LICENCE_FILE) if settings.LICENCE_FILE else settings.DATA_DIR / "licence.json"


def issuers() -> frozenset[str]:
    """The public keys (base64) whose licences are trusted."""
    return frozenset(settings.LICENCE_ISSUERS) or frozenset({public_text(own_issuer())})


def own_issuer() -> Ed25519PrivateKey:
    """The installation's own issuer."""
    return Ed25519PrivateKey.from_private_bytes(derived("licence-issuer"))


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half of a key, in base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def licence_text(holder: str, valid_from: date, valid_until: date, features: frozenset[str]) -> str:
    """A licence signed by the installation itself, as its file holds it."""
    key = own_issuer()
    says: dict[str, Any] = {
        "holder": holder,
        "valid_from": valid_from.isoformat(),
        "valid_until": valid_until.isoformat(),
        "features": sorted(features),
        "issuer": public_text(key),
    }
    signature = base64.b64encode(key.sign(_signed_bytes(says))).decode()
    return json.dumps(says | {"signature": signature}, indent=2, ensure_ascii=False) + "\n"


def read_licence(text: str, trusted: frozenset[str]) -> Licence:
    """What a file says, after its signature was checked. Raises `NoLicence`."""
    try:
        says = json.loads(text)
        signature = base64.b64decode(says.pop("signature"), validate=True)
        issuer = says["issuer"]
        if issuer not in trusted:
            raise NoLicence(gettext("its issuer is not trusted here"))
        Ed25519PublicKey.from_public_bytes(base64.b64decode(issuer, validate=True)).verify(
            signature, _signed_bytes(says)
        )
        return Licence(
            holder=str(says["holder"]),
            valid_from=date.fromisoformat(says["valid_from"]),
            valid_until=date.fromisoformat(says["valid_until"]),
            features=frozenset(says["features"]),
            issuer=issuer,
        )
    except InvalidSignature as error:
        raise NoLicence(gettext("its signature does not fit, it was changed")) from error
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise NoLicence(gettext("it is no licence of Sprechzeit")) from error


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int, _size: int, _node: int, trusted: frozenset[str]) -> Licence:
    try:
        return read_licence(path.read_text("utf-8"), trusted)
    except (OSError, UnicodeDecodeError) as error:
        raise NoLicence(gettext("the file cannot be read")) from error


def _signed_bytes(says: Mapping[str, Any]) -> bytes:
    return json.dumps(says, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
