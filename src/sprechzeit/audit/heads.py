"""Heads of the chains outside the database, signed: a superuser of the database could compute a whole chain anew.

A file for each practice and month in `log/<practice>/` of the data folder; a line for each sealing, added at its end.
The key is derived from the master key, which the database does not have (core/crypto.py).
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from sprechzeit.core.crypto import derived


@dataclass(frozen=True, slots=True)
class SignedHead:
    """That a practice's chain had at `place` this digest, and ended there with this entry when it was sealed."""

    practice_id: UUID
    place: int
    entry_id: int
    digest: bytes
    sealed_at: datetime
    signature: bytes = b""

    def signed(self) -> "SignedHead":
        """The same with its signature."""
        signature = _key().sign(self._message())
        return SignedHead(self.practice_id, self.place, self.entry_id, self.digest, self.sealed_at, signature)

    def is_genuine(self) -> bool:
        """Whether this installation signed it."""
        try:
            _key().public_key().verify(self.signature, self._message())
        except InvalidSignature:
            return False
        return True

    def _message(self) -> bytes:
        moment = self.sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
        parts = ("sprechzeit log head", self.practice_id, self.place, self.entry_id, self.digest.hex(), moment)
        return "\n".join(map(str, parts)).encode()

    def line(self) -> str:
        """As it stands in the file."""
        return json.dumps(
            {
                "practice": str(self.practice_id),
                "place": self.place,
                "entry": self.entry_id,
                "digest": self.digest.hex(),
                "sealed_at": self.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
                "signature": self.signature.hex(),
            }
        )


@dataclass(frozen=True, slots=True)
class Torn:
    """A line that is no head: a full disk, a power cut, or somebody. `where`: file and line."""

    where: str


def keep(head: SignedHead) -> Path:
    """Add a head to its practice's file of this month; it is on the disk when this returns. The file's name."""
    file = folder_of(head.practice_id) / f"{head.sealed_at.astimezone(UTC):%Y-%m}.heads"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # One write of one line at the end: two processes cannot tear each other's lines.
    opened = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(opened, f"{_after_torn(file)}{head.line()}\n".encode())
        os.fsync(opened)
    finally:
        os.close(opened)
    return file


def _after_torn(file: Path) -> str:
    """A line that a full disk or a power cut left without its end must not spoil the next one."""
    size = file.stat().st_size
    if not size:
        return ""
    with file.open("rb") as lines:
        lines.seek(size - 1)
        return "" if lines.read(1) == b"\n" else "\n"


def kept(practice_id: UUID) -> Iterator[SignedHead | Torn]:
    """The heads of a practice, oldest first, one at a time; a line that cannot be read hides no other."""
    for file in sorted(folder_of(practice_id).glob("*.heads")):
        with file.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, start=1):
                yield _parsed(practice_id, line, f"{file}:{number}")


def _parsed(practice_id: UUID, line: str, where: str) -> SignedHead | Torn:
    try:
        found = json.loads(line)
        if UUID(found["practice"]) != practice_id:
            return Torn(where)
        return SignedHead(
            practice_id,
            int(found["place"]),
            int(found["entry"]),
            bytes.fromhex(found["digest"]),
            datetime.fromisoformat(found["sealed_at"]),
            bytes.fromhex(found["signature"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return Torn(where)


def practices_with_heads() -> list[UUID]:
    """Practices that have heads here, whatever the database says of them."""
    return sorted(UUID(one.name) for one in _home().glob("*-*-*-*-*") if one.is_dir())


def folder_of(practice_id: UUID) -> Path:
    """Where a practice's heads lie."""
    return _home() / str(practice_id)


def _home() -> Path:
    return Path(settings.DATA_DIR) / "log"


def _key() -> Ed25519PrivateKey:
    return _signing(derived("log heads"))


@cache
def _signing(seed: bytes) -> Ed25519PrivateKey:
    """Made once: a check looks at the signature of every head."""
    return Ed25519PrivateKey.from_private_bytes(seed)
