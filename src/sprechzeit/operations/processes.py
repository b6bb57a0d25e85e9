"""What the commands of `sprechzeit` become: the server of the pages, the worker, psql, a command of Django."""

import os
import signal
import subprocess
import sys
from typing import NoReturn

from psycopg.conninfo import conninfo_to_dict

from sprechzeit.operations.account import server_account
from sprechzeit.operations.binaries import wheel_binaries
from sprechzeit.operations.checks import check_application_role
from sprechzeit.operations.errors import Misconfigured
from sprechzeit.operations.installation import URLS, Installation
from sprechzeit.operations.supervisor import manage
from sprechzeit.operations.terminal import _

_PSQL = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


def become_web(installation: Installation) -> NoReturn:
    """Replace this process by the server of the pages. Raises `CannotRun`."""
    _become(
        installation,
        "granian", "--interface", "asgi", "--no-ws", "--log-level", "warning",
        "--host", installation.host, "--port", str(installation.port), "--workers", str(installation.web_workers),
        # Live streams never end by themselves.
        "--respawn-failed-workers", "--workers-kill-timeout", "4",
        "sprechzeit.config.dispatcher:application",
    )  # fmt: skip


def become_worker(installation: Installation) -> NoReturn:
    """Replace this process by the worker of the jobs. Raises `CannotRun`."""
    _become(installation, "django", "work_off")


def migrate(installation: Installation) -> None:
    """Run the migrations as the owner of the database. Raises `CannotRun`."""
    with installation.database() as variables:
        owner = {**variables, URLS["app"]: _url(variables, "owner")}
        manage(["migrate", "--no-input"], owner, installation.program_account())


def check(installation: Installation) -> None:
    """Refuse what `run` would refuse, and what Django finds unsafe or not migrated. Raises `CannotRun`."""
    with installation.database() as variables:
        check_application_role(variables[URLS["app"]])
        manage(["check", "--fail-level", "WARNING"], variables, installation.program_account())
        manage(["migrate", "--check"], variables, installation.program_account())


def database_shell(installation: Installation, role: str) -> int:
    """psql as `role`; the password goes by the environment, which other users cannot read. Returns its exit code."""
    with installation.database() as variables:
        parts = conninfo_to_dict(_url(variables, role))
        address = {_PSQL[name]: str(value) for name, value in parts.items() if name in _PSQL}
        # Ctrl-C in psql stops a query, not us.
        former = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            psql = wheel_binaries(server_account()) / "psql"
            return subprocess.run([psql], env={**os.environ, **address}, check=False).returncode
        finally:
            signal.signal(signal.SIGINT, former)


def _become(installation: Installation, *module_and_arguments: str) -> NoReturn:
    if installation.database_url is None:
        raise Misconfigured(
            _(
                "SPRECHZEIT_DATABASE_URL is missing. "
                "“sprechzeit run” brings a database of its own; this command does not."
            )
        )
    check_application_role(installation.database_url)
    account = installation.program_account()
    variables = installation.variables(None, account)
    if account.other:
        os.setgroups([])
        os.setgid(account.gid)
        os.setuid(account.uid)
    os.execve(sys.executable, [sys.executable, "-m", *module_and_arguments], variables)  # noqa: S606


def _url(variables: dict[str, str], role: str) -> str:
    try:
        return variables[URLS[role]]
    except KeyError:
        raise Misconfigured(_("%(name)s is missing.") % {"name": URLS[role]}) from None
