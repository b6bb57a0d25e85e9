"""PgBouncer before a test cluster, handing out connections by transaction: the strictest way to pool."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg

from sprechzeit.operations.account import server_account
from sprechzeit.operations.embedded import Cluster
from sprechzeit.operations.places import own_folder

PORT = 6432
PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")


@contextlib.contextmanager
def pgbouncer(cluster: Cluster, *, pool_size: int = 20) -> Iterator[Path]:
    """Run PgBouncer before `cluster`. Gives the folder of its socket; see `pooled`."""
    assert PROGRAM is not None, "PgBouncer is not installed"
    account, folder = server_account(), cluster.folder.parent / "pgbouncer"
    own_folder(folder, account)
    users = {url.username: url.password for url in (urlsplit(cluster.url(role)) for role in ("app", "owner"))}
    _write(folder / "users.txt", "".join(f'"{name}" "{password}"\n' for name, password in users.items()))
    settings = {
        "listen_addr": "",
        "listen_port": PORT,
        "unix_socket_dir": folder,
        "unix_socket_mode": "0700",
        "auth_type": "scram-sha-256",
        "auth_file": folder / "users.txt",
        "pool_mode": "transaction",
        "default_pool_size": pool_size,
        "max_client_conn": 500,
        # Sessions may not keep anything: what a client sets for longer than its transaction is an error to find.
        "server_reset_query_always": 0,
        # A test's database that is made anew under its name is there at once, not in fifteen seconds: see `wait_for`.
        "server_login_retry": 0.1,
    }
    lines = "\n".join(f"{name} = {value}" for name, value in settings.items())
    _write(folder / "pgbouncer.ini", f"[databases]\n* = host={cluster.socket} port=5432\n[pgbouncer]\n{lines}\n")
    process = subprocess.Popen([PROGRAM, "-q", folder / "pgbouncer.ini"], cwd="/", **account.process())
    try:
        wait_for(pooled(cluster.url("app"), folder))
        yield folder
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder)


def pooled(url: str, folder: Path) -> str:
    """The address `url` of a database of the cluster, through the PgBouncer whose socket is in `folder`."""
    return f"{url.split('?')[0]}?host={quote(str(folder), safe='/')}&port={PORT}"


def _write(file: Path, text: str) -> None:
    file.write_text(text)
    server_account().own(file, 0o600)


def wait_for(url: str) -> None:
    """Until its database answers.

    PgBouncer lets people in before it has reached the database; and where a login failed, as while the database was
    made anew, the next who asks is refused without a try.
    """
    deadline = time.monotonic() + 10
    while True:
        try:
            with psycopg.connect(url, prepare_threshold=None) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
