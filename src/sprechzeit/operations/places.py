"""Where a cluster's files lie: always in its folder, unless PostgreSQL could not work there."""

import hashlib
import os
import secrets
import stat
from pathlib import Path

from sprechzeit.operations.account import HOME, Account, server_account
from sprechzeit.operations.errors import NotOurs
from sprechzeit.operations.terminal import _

# 107 bytes is what a socket's whole name may have on Linux; ".s.PGSQL.5432.lock" comes after the folder.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")


def cluster_home(folder: Path, account: Account) -> Path:
    """`folder`, or the place that stands in for it, made and owned by `account`.

    Another place is needed when root keeps its data where the system user cannot go (below a 0700 home). The file
    `location` in `folder` then names it, so that removing the data folder still begins anew. Raises `NotOurs`.
    """
    own_folder(folder, account)
    if account.reaches(folder):
        return folder
    location = folder / "location"
    if not location.exists():
        _write_whole(location, f"{HOME}/clusters/{secrets.token_hex(8)}\n")
    home = Path(location.read_text().strip())
    own_folder(home.parent, account)
    own_folder(home, account)
    if not account.reaches(home):
        raise NotOurs(_("PostgreSQL cannot work in %(folder)s. Choose another SPRECHZEIT_DATA_DIR.") % {"folder": home})
    return home


def socket_folder(home: Path, account: Account) -> Path:
    """A private folder for the socket: in `home`, or where clients could not name that, a short one in /tmp.

    A socket's name has few bytes, and a comma separates hosts.
    """
    folder = home / "socket"
    if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER or "," in str(folder):
        name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
        folder = Path("/tmp") / f"sprechzeit-{account.uid}-{name}"  # noqa: S108 - made private and checked below
    own_folder(folder, account)
    return folder


def own_folder(folder: Path, account: Account, mode: int = 0o700) -> None:
    """Make `folder`, for `account` alone unless `mode` says more; refuse a link or another's. Raises `NotOurs`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {account.uid, os.geteuid(), server_account().uid}:
            raise NotOurs(
                _(
                    "%(folder)s belongs to another user. Give it to the user who starts Sprechzeit, "
                    "or choose another SPRECHZEIT_DATA_DIR."
                )
                % {"folder": folder}
            )
        account.own(folder, mode)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise NotOurs(
            _("The folder %(folder)s cannot be made or written (%(reason)s). Choose another SPRECHZEIT_DATA_DIR.")
            % {"folder": folder, "reason": error.strerror}
        ) from error


def _write_whole(file: Path, text: str) -> None:
    scratch = file.with_suffix(".new")
    scratch.write_text(text)
    scratch.rename(file)
