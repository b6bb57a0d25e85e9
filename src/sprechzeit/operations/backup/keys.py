"""The key of backups: derived from the master key, so that there is one key to keep, and it is in no backup."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ID_BYTES = 8


def key_id(master: str) -> bytes:
    """What names the master key in a backup's first bytes, and says nothing about it."""
    return _derived(master, "backup key id", None)[:ID_BYTES]


def file_key(master: str, salt: bytes) -> bytes:
    """The 256-bit key of one backup, by its random salt (HKDF, RFC 5869)."""
    return _derived(master, "backup file", salt)


def typed(text: str) -> str:
    """The recovery key as somebody typed it or keeps it in a file: blanks and line ends do not count."""
    return "".join(text.split())


def keep_master(file: Path, master: str) -> None:
    """Make `master` the installation's key; one that was there before is put aside, since nothing is sealed with it."""
    if file.exists():
        if file.read_text().strip() == master:
            return
        file.replace(file.with_name(f"{file.name}.before-restore"))
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = file.with_name(f"{file.name}.new")
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(master)
        out.flush()
        os.fsync(out.fileno())
    scratch.rename(file)


def _derived(master: str, purpose: str, salt: bytes | None) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=salt, info=f"sprechzeit:{purpose}".encode())
    return kdf.derive(master.encode())
