"""Backup, its proof and restore, on a real database with the cast (OPS-21)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from sprechzeit.operations import postgres_setup
from sprechzeit.operations.backup.make import counts, make_backup
from tests.operations.conftest import short_folder
from tests.operations.program import command
from tests.support.cast import Cast, book
from tests.support.databases import Databases

pytestmark = [pytest.mark.own_database, pytest.mark.req("OPS-21")]


@pytest.fixture
def place(databases: Databases, own_database: Databases, settings: Any) -> Iterator[Path]:
    with short_folder() as folder:
        settings.DATABASE_BACKUP_URL = own_database.url("backup")
        settings.DATA_DIR = folder / "data"
        yield folder


@pytest.fixture
def empty(databases: Databases) -> Iterator[str]:
    name = f"restored_{os.getpid()}"
    postgres_setup.create_database(databases.url("superuser", "postgres"), name)
    yield name
    databases.drop(name)


def there(databases: Databases, name: str, data: Path) -> dict[str, str]:
    return {
        "SPRECHZEIT_DATABASE_URL": databases.url("listen", name),
        "SPRECHZEIT_DATABASE_OWNER_URL": databases.url("owner", name),
        "SPRECHZEIT_DATABASE_BACKUP_URL": databases.url("backup", name),
        "SPRECHZEIT_DATA_DIR": str(data),
        "SPRECHZEIT_MASTER_KEY": settings.MASTER_KEY,
    }


def test_all(cast: Cast, own_database: Databases, databases: Databases, place: Path, empty: str) -> None:
    book(cast.albers, "09:00", who="jonas")
    made = make_backup(place / "bäckups")
    print(made)
    done = command("restore", str(made.file), **there(databases, empty, place / "new"))
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    done = command("backup", "verify", str(made.file), **there(databases, empty, place / "new"))
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    done = command("audit", "verify", **there(databases, empty, place / "new"))
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    assert 0
