"""Making and installing the licence of the installation (OTV-1); core/licence.py reads it."""

import contextlib
import os
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings

from sprechzeit.core.licence import FEATURES, Licence, issuers, licence_file, licence_text, read_licence

YEARS = 10


def make_licence(holder: str, until: date | None = None) -> Licence:
    """A licence of one's own, from today, for everything there is; by default for `YEARS` years.

    Raises `NoLicence` where the installation trusts others only, `ValueError` for a day that is over.
    """
    today = datetime.now(UTC).date()
    last = until or date(today.year + YEARS, today.month, min(today.day, 28))
    if last < today:
        raise ValueError(f"{last} is over")
    return install_licence(licence_text(holder, today, last, FEATURES))


def install_licence(text: str) -> Licence:
    """Put a licence where the program reads it, after its signature was checked; it counts at once, at every process.

    Raises `NoLicence`.
    """
    found = read_licence(text, issuers())
    _write(licence_file(), text)
    return found


def have_licence(holder: str) -> None:
    """Make one unless a file is there already, whatever it says."""
    if not licence_file().exists() and not settings.LICENCE_ISSUERS:
        make_licence(holder)


def _write(file: Path, text: str) -> None:
    """Whole or not at all. Everybody may read it: it holds no secret, and the program may be another user."""
    scratch = file.with_name(f"{file.name}.new")
    with contextlib.suppress(FileNotFoundError):
        scratch.unlink()
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w", encoding="utf-8") as out:
        out.write(text)
    scratch.rename(file)
