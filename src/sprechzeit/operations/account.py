"""The system user that PostgreSQL runs as when the program is started by root, since PostgreSQL refuses root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sprechzeit.operations.errors import NoAccount
from sprechzeit.operations.terminal import _

NAME = "sprechzeit"
HOME = Path("/var/lib/sprechzeit")


@dataclass(frozen=True)
class Account:
    """Who a process runs as and its files belong to. `other` is false when that is simply the caller."""

    uid: int
    gid: int
    other: bool

    def process(self) -> dict[str, Any]:
        """Keyword arguments for `subprocess` that start a process as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.other else {}

    def own(self, path: Path, mode: int) -> None:
        """Give `path` to this account with `mode`."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)

    def reaches(self, folder: Path) -> bool:
        """Whether this account can work in `folder`; tried, since modes alone do not say it (ACLs, mounts)."""
        if not self.other:
            return os.access(folder, os.R_OK | os.W_OK | os.X_OK)
        tried = subprocess.run(
            ["/bin/sh", "-c", 'cd "$1" && test -w .', "sh", folder],
            cwd="/", stderr=subprocess.DEVNULL, check=False, **self.process(),
        )  # fmt: skip
        return tried.returncode == 0


def server_account() -> Account:
    """The caller, or for root the system user `sprechzeit`, made if it is not there. Raises `NoAccount`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), other=False)
    entry = _entry() or _create()
    if entry.pw_uid == 0:
        raise NoAccount(_("The system user “sprechzeit” is root. Rename it, or start as an ordinary user."))
    account = Account(entry.pw_uid, entry.pw_gid, other=True)
    if not HOME.exists():
        HOME.mkdir(parents=True)
        account.own(HOME, 0o700)
    return account


def _entry() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return None


def _create() -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd:
        options = ["--system", "--user-group", "--no-create-home", "--home-dir", str(HOME), "--shell", "/bin/false"]
        # Two first starts at once: one of them fails here and finds the user of the other.
        subprocess.run([useradd, *options, NAME], check=False, capture_output=True)
    entry = _entry()
    if entry is None:
        raise NoAccount(
            _(
                "PostgreSQL does not run as root, and the system user “sprechzeit” could not be made. "
                "Make it (useradd --system --user-group sprechzeit), or start as an ordinary user."
            )
        )
    return entry
