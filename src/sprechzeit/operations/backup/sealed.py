"""The sealed stream of a backup: AES-256-GCM in chunks, so that it needs little memory and every change is found.

    magic (8 bytes) | key id (8) | salt (32) | chunk, chunk, … each `ciphertext | tag (16)`

The whole head is associated data of each chunk; a chunk's nonce is its number and whether it is the last. So chunks
that are missing, swapped, repeated, taken from another backup or cut off at the end do not open.
"""

import io
import os
from collections.abc import Callable
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sprechzeit.operations.backup import keys
from sprechzeit.operations.errors import BackupUnreadable
from sprechzeit.operations.terminal import _

MAGIC = b"SZBACK\x00\x01"  # the last byte is the version of the format
SALT_BYTES, TAG_BYTES = 32, 16
HEAD_BYTES = len(MAGIC) + keys.ID_BYTES + SALT_BYTES
CHUNK = 1 << 20  # bytes in the clear


class Sealing:
    """Writes a sealed stream to `out`. Without `finish` what is written does not open."""

    def __init__(self, out: IO[bytes], master: str) -> None:
        self.salt = os.urandom(SALT_BYTES)
        self._head = MAGIC + keys.key_id(master) + self.salt
        self._cipher = AESGCM(keys.file_key(master, self.salt))
        self._out, self._number, self._waiting = out, 0, bytearray()
        out.write(self._head)

    def write(self, plain: bytes) -> None:
        """Add to the stream."""
        self._waiting += plain
        # One chunk always waits: the last must be sealed as the last.
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), is_last=False)
            del self._waiting[:CHUNK]

    def finish(self) -> None:
        """Seal what is left as the last chunk."""
        self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, plain: bytes, *, is_last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, is_last=is_last), plain, self._head))
        self._number += 1


class Opening(io.RawIOBase):
    """Reads a sealed stream; nothing leaves a chunk that was not proved. Raises `BackupUnreadable`.

    Only when it was read to its end it is sure that nothing was cut off.
    """

    def __init__(self, file: IO[bytes], key_of: Callable[[bytes], str]) -> None:
        """`key_of`: the master key for a key id."""
        file.seek(0)
        head = file.read(HEAD_BYTES)
        self.salt = salt_of(head)
        self._head, self._file, self._number = head, file, 0
        self._cipher = AESGCM(keys.file_key(key_of(id_of(head)), self.salt))
        self._ahead = file.read(CHUNK + TAG_BYTES)
        self._plain, self._is_over = memoryview(b""), False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader calls it with
        """As much as there is of the current chunk."""
        while not self._plain and not self._is_over:
            self._plain = memoryview(self._next())
        count = min(len(buffer), len(self._plain))
        buffer[:count] = self._plain[:count]
        self._plain = self._plain[count:]
        return count

    def _next(self) -> bytes:
        chunk, self._ahead = self._ahead, self._file.read(CHUNK + TAG_BYTES)
        self._is_over = not self._ahead
        try:
            plain = self._cipher.decrypt(_nonce(self._number, is_last=self._is_over), chunk, self._head)
        except (InvalidTag, ValueError) as error:
            raise BackupUnreadable(
                _(
                    "The backup is damaged at byte %(place)s: something was changed, or its end is missing. "
                    "Take another backup."
                )
                % {"place": HEAD_BYTES + self._number * (CHUNK + TAG_BYTES)}
            ) from error
        self._number += 1
        return plain


def id_of(head: bytes) -> bytes:
    """The id of the key that a backup was made with, from its first bytes. Raises `BackupUnreadable`."""
    salt_of(head)
    return head[len(MAGIC) : len(MAGIC) + keys.ID_BYTES]


def salt_of(head: bytes) -> bytes:
    """What names this one backup. Raises `BackupUnreadable`."""
    if len(head) < HEAD_BYTES or head[:7] != MAGIC[:7]:
        raise BackupUnreadable(_("This is no backup of Sprechzeit, or its beginning is damaged."))
    if head[7] != MAGIC[7]:
        raise BackupUnreadable(_("The backup is damaged at its beginning, or a newer version of Sprechzeit made it."))
    return head[-SALT_BYTES:]


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])
