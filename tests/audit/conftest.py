"""The sealed log: who seals, who tampers, where heads lie."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import LazySettings

from sprechzeit.access.actor import Actor
from tests.support.cast import Cast
from tests.support.databases import Databases


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings: LazySettings) -> Path:
    """Heads of a test lie in a folder of its own."""
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def actor(cast: Cast, own_database: Databases) -> Actor:
    """The program itself in Albers' practice."""
    return cast.albers.system


@pytest.fixture
def superuser(own_database: Databases) -> Iterator[psycopg.Connection[Any]]:
    """Who may do everything in the database, and has switched off what stands in the way."""
    with psycopg.connect(own_database.url("superuser"), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection
