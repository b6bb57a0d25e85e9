"""The migrated template of a test run, kept from one run to the next.

Bringing an empty database to the newest schema takes 20 seconds of processor time, the same each time while nothing
that a migration reads has changed. So what came of it is written down once, under a digest of all of that.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from sprechzeit.operations.account import server_account
from sprechzeit.operations.binaries import wheel_binaries
from tests.support.databases import Databases

ROOT = Path(__file__).parents[2]
# Migrations, what they call, the models that they leave behind, the libraries with migrations of their own.
ROOMS = "src/sprechzeit/"
READ = (
    f"{ROOMS}*/migrations/*.py", f"{ROOMS}**/*.sql", f"{ROOMS}*/models.py", f"{ROOMS}*/models/*.py",
    f"{ROOMS}*/apps.py", f"{ROOMS}core/**/*.py", f"{ROOMS}patients/*.py", f"{ROOMS}config/settings.py",
    f"{ROOMS}operations/postgres_setup.py", "requirements/*.lock",
)  # fmt: skip


def fill_template(databases: Databases) -> None:
    """Let the empty database `template` have the newest schema: by what is written down of it, or by migrating."""
    superuser = databases.url("superuser", "template")
    with psycopg.connect(superuser) as connection:
        version = connection.info.server_version
    known = Path(tempfile.gettempdir()) / f"sprechzeit-template-{os.getuid()}-{version}-{_digest()}.sql"
    if known.exists() and known.stat().st_uid == os.getuid():
        _run("psql", "--dbname", superuser, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file", str(known))
        return
    migrate(databases.url("owner", "template"))
    # Renamed when it is whole: another run may be doing the same.
    scratch = known.with_suffix(f".{os.getpid()}")
    _run("pg_dump", "--dbname", superuser, "--file", str(scratch))
    scratch.rename(known)


def migrate(owner_url: str) -> None:
    """Bring a database to the newest schema, as its owner, in a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--no-input", "--verbosity", "0"],
        check=True,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "sprechzeit.config.settings",
            "SPRECHZEIT_DATABASE_URL": owner_url,
        },
    )


def _run(program: str, *arguments: str) -> None:
    """One of the programs of the server that the run stands on."""
    chosen = os.environ.get("SPRECHZEIT_TEST_POSTGRES")
    folder = Path(chosen) if chosen else wheel_binaries(server_account())
    subprocess.run([folder / program, *arguments], check=True, stdout=subprocess.DEVNULL)


def _digest() -> str:
    """Of everything that may change what migrating comes to."""
    whole = hashlib.sha256()
    for path in sorted(one for pattern in READ for one in ROOT.glob(pattern)):
        whole.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()[:24]
